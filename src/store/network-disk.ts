import { readFileSync, statfsSync, statSync } from "node:fs";
import { BerthError } from "../errors.ts";

/**
 * The numbers that statfs(2) of Linux gives for file systems of several machines, from linux/magic.h and, for those
 * outside of the kernel, from their own sources. Not among them, because one kernel alone uses them as a rule: 9p, which
 * sandboxes and virtual machines show a local folder by (0x01021997), overlayfs, and virtiofs (under FUSE's number).
 */
const SHARED: Readonly<Record<number, string>> = {
  0x6969: "NFS",
  0x517b: "SMB",
  0xff534d42: "CIFS",
  0xfe534d42: "SMB",
  0x564c: "NCP",
  0x5346414f: "AFS",
  0x6b414653: "AFS",
  0x73757245: "Coda",
  0x00c36400: "CephFS",
  0x7461636f: "OCFS2",
  0x01161970: "GFS2",
  0x0bd00bd0: "Lustre",
  0x47504653: "GPFS",
  0x19830326: "BeeGFS",
};

const FUSE = 0x65735546;
/** Programs behind FUSE that reach another machine; mounts name them as `fuse.NAME`. */
const REMOTE =
  /^(?:sshfs|rclone|s3fs|gcsfuse|goofys|mountpoint-s3|blobfuse2?|juicefs|glusterfs|ceph(?:-fuse)?|seaweedfs|davfs2?|curlftpfs|smbnetfs|fuse-nfs|mfs|moosefs|lizardfs|saunafs|onedriver|google-drive-ocamlfuse|dropbox)$/;

/** What is known of the disk below a folder. */
export interface Disk {
  /** As statfs(2) gives it; on some machines with a sign. */
  readonly type: number;
  /** `MAJOR:MINOR`, as the mounts name it. */
  readonly device: string;
  /** The text of /proc/self/mountinfo; asked for only where the number does not tell. */
  readonly mounts: () => string;
}

/** The name of a file system that several machines may use at once; null for a disk of this one. */
export function networkDisk({ type, device, mounts }: Disk): string | null {
  const number = type >>> 0;
  if (number !== FUSE) return SHARED[number] ?? null;
  for (const line of mounts().split("\n")) {
    // Fields before a lone hyphen vary in number; behind it stands the type. See proc_pid_mountinfo(5).
    const [before = "", after = ""] = line.split(" - ");
    const name = after.split(" ")[0]?.replace(/^fuse\./, "") ?? "";
    if (before.split(" ")[2] === device && REMOTE.test(name)) return name;
  }
  return null;
}

/**
 * SQLite's write-ahead log needs memory that all its users share, and therefore one machine. On a network's disk it
 * would seem to work until two machines meet, and then lose writes.
 * @throws BerthError STORE_NOT_LOCAL naming what the folder is on
 */
export function requireLocalDisk(dir: string): void {
  const name = diskOf(dir);
  if (name !== null) throw notLocal(dir, name);
}

/** Whether a folder is on a disk that other machines do not use, as far as the system tells. */
export function isLocalDisk(dir: string): boolean {
  return diskOf(dir) === null;
}

function diskOf(dir: string): string | null {
  // The numbers are Linux's own.
  if (process.platform !== "linux") return null;
  const { type } = statfsSync(dir);
  return networkDisk({ type, device: deviceOf(dir), mounts: () => readFileSync("/proc/self/mountinfo", "utf8") });
}

export function notLocal(dir: string, name: string): BerthError {
  return new BerthError(
    "STORE_NOT_LOCAL",
    `${dir} is on ${name}, where SQLite cannot keep a store without losing writes.`,
    {
      hint: "Name a folder on a disk of this machine: berth config store.path /var/tmp/NAME; for agents of several machines use PostgreSQL: berth config store.url postgres://…",
      facts: { dir, disk: name },
    },
  );
}

function deviceOf(dir: string): string {
  const { dev } = statSync(dir, { bigint: true });
  // As glibc takes major and minor out of the number.
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return `${major}:${minor & 0xffffffffn}`;
}

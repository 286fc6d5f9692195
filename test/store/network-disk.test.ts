import { readFileSync, statfsSync } from "node:fs";
import { tmpdir } from "node:os";
import { expect, test } from "vitest";
import { networkDisk, notLocal, requireLocalDisk } from "../../src/store/network-disk.ts";

const mounts = `
27 1 254:0 / / rw,relatime - ext4 /dev/vda rw
41 27 0:41 / /home/a\\040b rw,nosuid shared:7 master:3 - fuse.sshfs host:/home rw,user_id=0
42 27 0:42 / /bucket rw - fuse.rclone remote: rw
43 27 0:43 / /data rw - fuseblk /dev/sdb1 rw
44 27 0:44 / /host rw - virtiofs host rw
45 27 0:45 / /both rw - fuse.mergerfs a:b rw`;

const disk = (type: number, device = "254:0"): string | null => networkDisk({ type, device, mounts: () => mounts });

test("file systems of several machines are known by statfs's numbers, also where these have a sign", () => {
  expect(disk(0x6969)).toBe("NFS");
  expect(disk(0xff534d42)).toBe("CIFS");
  expect(disk(0xff534d42 | 0)).toBe("CIFS");
  expect(disk(0xfe534d42)).toBe("SMB");
  expect(disk(0x517b)).toBe("SMB");
  expect(disk(0x00c36400)).toBe("CephFS");
  expect(disk(0x5346414f)).toBe("AFS");
});

test("disks of one machine are not: ext, xfs, btrfs, tmpfs, overlay, and 9p as sandboxes show a local folder by", () => {
  for (const type of [0xef53, 0x58465342, 0x9123683e, 0x01021994, 0x794c7630, 0x01021997, 0x2fc12fc1])
    expect(networkDisk({ type, device: "254:0", mounts: () => expect.unreachable() })).toBeNull();
});

test("behind FUSE the mount's name tells: sshfs reaches another machine, a local disk's driver does not", () => {
  const fuse = 0x65735546;
  expect(disk(fuse, "0:41")).toBe("sshfs");
  expect(disk(fuse, "0:42")).toBe("rclone");
  for (const device of ["0:43", "0:44", "0:45", "0:99"]) expect(disk(fuse, device)).toBeNull();
});

test("the refusal says what the folder is on and both ways out", () => {
  const { code, message, hint, facts } = notLocal("/home/me/repo/.git/berth/live", "NFS");
  expect([code, message]).toEqual([
    "STORE_NOT_LOCAL",
    expect.stringContaining("/home/me/repo/.git/berth/live is on NFS"),
  ]);
  expect(hint).toMatch(/store\.path.*store\.url postgres:/);
  expect(facts).toMatchObject({ disk: "NFS" });
});

test("this machine's own disk is asked about, and is none of them", () => {
  expect(statfsSync(tmpdir()).type).not.toBe(0);
  expect(() => requireLocalDisk(tmpdir())).not.toThrow();
  if (process.platform === "linux") expect(() => requireLocalDisk("/proc")).not.toThrow();
  expect(() => requireLocalDisk("/no/such/folder")).toThrow("ENOENT");
  if (process.platform === "linux") expect(readFileSync("/proc/self/mountinfo", "utf8")).toContain(" - ");
});

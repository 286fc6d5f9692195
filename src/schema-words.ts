import { z } from "zod";

/** A path below the top of a repository. */
export const relativePath: z.ZodType<string, string> = z
  .string()
  .min(1)
  .max(200)
  .refine((p) => !p.startsWith("/") && !/^-|[\p{Cc}\p{Cf}\\]/u.test(p) && !p.split("/").includes(".."), {
    message: "must be a path inside the repository, with forward slashes",
    abort: true,
  })
  .transform((p) =>
    p
      .split("/")
      .filter((part) => part !== "" && part !== ".")
      .join("/"),
  )
  .refine((p) => p !== "" && !p.split("/").some((part) => part.toLowerCase() === ".git"), {
    message: "must be a folder below the top of the repository, and not git's own",
  });
/** The rules of git-check-ref-format(1) for branches; nothing that looks like an option or stands for another one. */
export const branch: z.ZodType<string, string> = z
  .string()
  .min(1)
  .max(200)
  .refine(
    (b) =>
      !/[\p{Cc}\p{Cf}\s~^:?*[\\]|\.\.|@\{|^\/|\/\/|\/$|\.$|^(?:HEAD|@)$/u.test(b) &&
      !b.split("/").some((part) => part.startsWith(".") || part.startsWith("-") || part.endsWith(".lock")),
    { message: "must be a branch name" },
  )
  .refine((b) => !within(b, "session"), { message: "must not be session or below it, where sessions' branches are" });
/** A pattern, or a line of text. */
export const pattern: z.ZodType<string, string> = z
  .string()
  .min(1)
  .max(300)
  .regex(/^[^\p{Cc}\p{Cf}]*$/u, "must hold no control characters");
/** A line of text; empty where nothing is said. */
export const line: z.ZodString = z
  .string()
  .max(1000)
  .regex(/^[^\p{Cc}]*$/u, "must hold no control characters");
/** A name of a mode, phase or role. */
export const word: z.ZodType<string, string> = z
  .string()
  .regex(/^[a-z][a-z0-9-]{0,40}$/, "must be a word of lower-case letters, digits and dashes");

/** Whether one path is the other one, or lies below it. */
export function within(inner: string, outer: string): boolean {
  return `${inner}/`.startsWith(`${outer}/`);
}

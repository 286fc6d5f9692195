import * as fc from "fast-check";
import { expect, test } from "vitest";
import { changed } from "../support/old-session.ts";

/** Code that has nothing to do with sessions, in the worst of forms. */
const NEUTRAL = [
  "",
  "\t// getSession(id) in a comment",
  "const text = 'getCurrentSessionId()'  ;",
  "/* a\n   long one */  function  own( ){ return  [ 1,2 , ]}",
  "const re = /getSession\\(id\\)/g, t = `session ${ 1+1 } getSession(id)`",
  "if(own){own( )}else   {;}",
  "\n\n",
  "class  Ü {  'ü' = \"\\u00fc 🚢\" }",
  "const o = {a:1 ,b : [ , ],}",
];

/** Statements that are rewritten, and what becomes of them, without their line end. */
const WRITTEN: readonly (readonly [string, string])[] = [
  ["await getSession( id )", "await getSession()"],
  [
    "  const s =   await setSession( { mode:'coding' } , id )  ;  // keep",
    "  const s =   await setSession( { mode:'coding' } )  ;  // keep",
  ],
  ["console.info({ a:1,  id ,b : 2 }, 'x');", "console.info({ a:1,  b : 2 }, 'x');"],
  ["console.warn({id});", "console.warn({});"],
  ["await getSession(/* none */);", "await getSession(/* none */);"],
  ["logger.debug( 'x', {\n  a,\n  id: id,\n} )", "logger.debug( 'x', {\n  a,\n} )"],
];

test("[SIR-13] what is outside of the changes stays to the byte, whatever its form", () => {
  const line = fc.oneof(
    fc.constantFrom(...NEUTRAL).map((text) => [text, text] as const),
    fc.constantFrom(...WRITTEN),
  );
  const file = fc.record({
    lines: fc.array(line, { maxLength: 12 }),
    crlf: fc.boolean(),
    mark: fc.boolean(),
    semicolon: fc.constantFrom("", ";", " ;"),
  });
  fc.assert(
    fc.property(file, ({ lines, crlf, mark, semicolon }) => {
      const whole = (from: string, names: string, which: 0 | 1, first: string): string => {
        // A block each, so that the same name may come twice.
        const body = lines.map((one) => `{ ;${one[which]}\n}\n`).join("");
        const text = `${mark ? "\u{feff}" : ""}import {${names}} from '${from}'${semicolon}\nasync function f(){\n${first}${body}}\nexport {  f}`;
        return crlf ? text.replaceAll("\n", "\r\n") : text;
      };
      const before = whole(
        "./session",
        " getSession,setSession,  getCurrentSessionId",
        0,
        "\tconst id = getCurrentSessionId();\n",
      );
      const after = whole("berth/session-state", " getSession,setSession", 1, "");
      expect(changed(before, "src/a.js")).toEqual({ text: after, left: [], why: [] });
      expect(changed(after, "src/a.js").text).toBe(after);
    }),
    { numRuns: 300 },
  );
});

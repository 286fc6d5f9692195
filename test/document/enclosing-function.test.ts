import { expect, test } from "vitest";
import { enclosingFunction } from "../../src/document/enclosing-function.ts";

/** The line that holds HERE, and the text. */
function around(text: string): string | null {
  const lines = text.split("\n");
  return enclosingFunction(lines, lines.findIndex((line) => line.includes("HERE")) + 1);
}

test.each([
  ["import os\n\ndef login(user):\n    if user:\n        return HERE\n", "login()"],
  [
    "class Auth:\n    def first(self):\n        pass\n\n    async def login(self):\n        for x in y:\n            HERE\n",
    "login()",
  ],
  ["class Auth:\n    limit = HERE\n\n    def login(self):\n        pass\n", "class Auth"],
  ["export async function login(user: User): Promise<void> {\n  if (user) {\n    HERE;\n  }\n}\n", "login()"],
  ["export class Auth {\n  private async login(user: User): Promise<void> {\n    HERE\n  }\n}\n", "login()"],
  ["const login = async (user) => {\n  HERE\n};\n", "login()"],
  ["func (s *Server) Login(w http.ResponseWriter) error {\n\tHERE\n}\n", "Login()"],
  ["impl Auth {\n    pub(crate) fn login(&self) -> bool {\n        HERE\n    }\n}\n", "login()"],
  ["public class Auth {\n    public static void main(String[] args) {\n        HERE\n    }\n}\n", "main()"],
  ["void Auth::login(int user) {\n  while (true) {\n    HERE\n  }\n}\n", "Auth::login()"],
  ["module Auth\n  class Login\n    def call!\n      HERE\n    end\n  end\nend\n", "call!()"],
  ["function login() {\n  return 1;\n}\n\nconst after = HERE;\n", null],
  ["# HERE\n", null],
  ["def login(): HERE\n", "login()"],
])("[XCS-13] the function around a line of %j is %s", (text, name) => {
  expect(around(text)).toBe(name);
});

test("a line behind the end, and a text of nothing, have none", () => {
  expect([enclosingFunction([], 1), enclosingFunction(["a"], 9), enclosingFunction(["", ""], 0)]).toEqual([
    null,
    null,
    null,
  ]);
});

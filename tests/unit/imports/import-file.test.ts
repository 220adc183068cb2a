import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type ImportKind, parentScopeOf } from "@/lib/domain/imports/import-kinds";
import { inOrder, refuseRepeated } from "@/lib/domain/imports/import-order";
import { readImportFile, textOf } from "@/lib/platform/import-files/import-file";
import { splitArray } from "@/lib/platform/import-files/json-entries";

describe("a JSON file", () => {
  it("is split into exactly the entries that it has, whatever is in them", () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue(), { maxLength: 6 }), fc.constantFrom(0, 1, 2), (values, indent) => {
        const split = splitArray(JSON.stringify(values, null, indent));
        expect(split.ok && split.entries.map((entry) => JSON.parse(entry.text))).toEqual(
          JSON.parse(JSON.stringify(values)),
        );
      }),
    );
  });

  it("keeps the line of each row, and says what is wrong with a bad one", () => {
    const text = `[
  { "id": "1", "displayName": "Ada", "userPrincipalName": "ada@contoso.example" },
  { "id": "2", "displayName": "",
    "userPrincipalName": "nobody" },
  { "id": "3" "displayName": "x" },
  { "id": "4", "displayName": "Bob", "userPrincipalName": "bob_x#EXT#", "mail": "bob@contoso.example" }
]`;
    const read = readImportFile("Users", text);
    expect(read).toMatchObject({
      ok: true,
      rows: [
        { line: 2, data: { email: "ada@contoso.example", externalId: "1" } },
        { line: 3, fault: expect.stringContaining("displayName") },
        { line: 5, fault: "This is not JSON." },
        { line: 6, data: { email: "bob@contoso.example" } },
      ],
    });
  });

  it("lists the members of the group that is named with it, and a CSV file may name groups itself", () => {
    const member = { "@odata.type": "#microsoft.graph.group", id: "42", displayName: "Operators" };
    const data = { group: "Web Team", member: "42", memberName: "Operators" };
    expect(readImportFile("GroupMembers", JSON.stringify([member]), "Web Team")).toMatchObject({
      rows: [{ title: "Operators, in Web Team", data }],
    });
    expect(readImportFile("GroupMembers", JSON.stringify([member]))).toMatchObject({
      rows: [{ fault: expect.stringContaining("name the group") }],
    });
    expect(readImportFile("GroupMembers", "member,group\n42,\n43,Others\n", "Web Team")).toMatchObject({
      rows: [{ data: { group: "Web Team", member: "42" } }, { data: { group: "Others", member: "43" } }],
    });
    const forged = [{ ...member, removeMembers: true }];
    expect(readImportFile("GroupMembers", JSON.stringify(forged), "Web Team")).toMatchObject({
      rows: [{ data }],
    });
    expect(JSON.stringify(readImportFile("GroupMembers", JSON.stringify(forged), "Web Team"))).not.toContain(
      "removeMembers",
    );
  });

  it("is refused whole when it is cut off, is not a list, or is not text", () => {
    for (const text of ['[{"id":"1"', "[1,2] x", "[]", "\0"])
      expect(readImportFile("Users", text)).toMatchObject({ ok: false });
  });

  it("says one thing of each field that is wrong, in plain words", () => {
    const faultOf = (kind: ImportKind, row: unknown) => {
      const read = readImportFile(kind, JSON.stringify([row]));
      return read.ok && read.rows[0] && "fault" in read.rows[0] ? read.rows[0].fault : null;
    };
    const assignment = { principal: "ada@contoso.example", role: "Reader" };
    const notScope = "is not a scope, such as /subscriptions/ID.";
    expect(faultOf("RoleAssignments", { ...assignment, scope: "nowhere" })).toBe(`scope ${notScope}`);
    expect(faultOf("RoleAssignments", { ...assignment, scope: " " })).toBe("scope is empty.");
    expect(faultOf("RoleAssignments", { ...assignment, scope: 7 })).toBe("scope is not a text.");
    expect(faultOf("RoleAssignments", assignment)).toBe("scope is missing.");
    expect(faultOf("RoleAssignments", { ...assignment, scope: " / " })).toBeNull();
    const notManagementGroup =
      "id is not the id of a management group, such as /providers/Microsoft.Management/managementGroups/NAME.";
    expect(faultOf("ManagementGroups", { id: "x" })).toBe(notManagementGroup);
    expect(faultOf("ManagementGroups", { id: "/providers/Microsoft.Management/managementGroups/a/b" })).toBe(
      notManagementGroup,
    );
    expect(faultOf("RoleAssignments", { ...assignment, scope: "/", principalType: "Unknown" })).toBe(
      "principalType is Unknown, which Azure uses for a principal that was deleted there.",
    );
    expect(faultOf("RoleAssignments", { ...assignment, scope: "/", principalType: "Device" })).toBe(
      "principalType is none of User, Group, ServicePrincipal.",
    );
    expect(faultOf("RoleAssignments", { ...assignment, scope: "/", principalType: "user" })).toBeNull();
    const guest = { displayName: "Gus", userPrincipalName: "gus_partner.example#EXT#@contoso.example" };
    expect(faultOf("Users", { ...guest, mail: null })).toBe(
      "mail is missing, and a guest's userPrincipalName is no address.",
    );
    expect(faultOf("Users", { ...guest, mail: "gus@partner.example" })).toBeNull();
    expect(faultOf("Users", { displayName: "Gus", userPrincipalName: "gus" })).toBe(
      "userPrincipalName is not an email address.",
    );
    expect(faultOf("Users", { displayName: "Gus" })).toBe("email is missing.");
    expect(
      faultOf("Resources", { id: "/subscriptions/1/resourceGroups/g", name: "g", type: "x", parent: "/" }),
    ).toBe("parent is for subscriptions: anything below one lies where its id says.");
    expect(faultOf("ResourceGroups", { id: "/subscriptions/1", name: "n" })).toBe(
      "id is not the id of a resource group.",
    );
    expect(faultOf("Users", { displayName: "", email: "ada@contoso.example" })).toBe(
      "displayName: Give a name.",
    );
    for (const row of ["Ada", ["Ada"], null, 7])
      expect(faultOf("Users", row)).toBe("It is not an object of names and values.");
  });

  it("leaves out a row with what the database cannot hold", () => {
    const name = (text: string) => `[{"displayName":"a${text}","email":"ada@contoso.example"}]`;
    expect(readImportFile("Users", name("\\u0000"))).toMatchObject({ rows: [{ fault: expect.anything() }] });
    expect(readImportFile("Users", name("\\ud800"))).toMatchObject({ rows: [{ fault: expect.anything() }] });
    expect(readImportFile("Users", name("\\ud83d\\ude00"))).toMatchObject({
      rows: [{ data: { displayName: "a😀" } }],
    });
  });

  it("is refused for a condition of a custom role's permissions, and a built-in role's is its own", () => {
    const permissions = [
      { actions: ["*/read"], condition: null },
      { actions: [], dataActions: ["a/b/read"], condition: "@Resource[x] == 1", conditionVersion: "2.0" },
    ];
    const role = { roleName: "Conditional", assignableScopes: ["/"], permissions };
    const text = JSON.stringify([
      { ...role, roleType: "CustomRole" },
      { ...role, roleType: "BuiltInRole" },
      { ...role, roleType: "CustomRole", permissions: permissions.slice(0, 1) },
    ]);
    expect(readImportFile("RoleDefinitions", text)).toMatchObject({
      rows: [
        { fault: "condition is set: Postern has no conditions, and without it the role would allow more." },
        { data: { builtIn: true } },
        {
          data: {
            permissions: [{ actions: ["*/read"], notActions: [], dataActions: [], notDataActions: [] }],
          },
        },
      ],
    });
  });

  it("names each row as far as it says, whether understood or not", () => {
    const titleOf = (kind: ImportKind, row: unknown) => {
      const read = readImportFile(kind, JSON.stringify([row]));
      return read.ok ? read.rows[0]?.title : null;
    };
    const entry = {
      principalId: "42",
      principalName: "",
      principalType: "Unknown",
      roleDefinitionId: "/providers/x/acdd72a7-3385-48ef-bd42-f606fba81ae7",
      roleDefinitionName: "Reader",
      scope: "/subscriptions/1",
    };
    expect(titleOf("RoleAssignments", entry)).toBe("42, Reader at /subscriptions/1");
    expect(
      titleOf("RoleAssignments", { ...entry, principalName: "ada@x.example", principalType: "User" }),
    ).toBe("ada@x.example, Reader at /subscriptions/1");
    expect(titleOf("Users", { displayName: null, userPrincipalName: "ada@x.example" })).toBe("ada@x.example");
  });

  it("takes the ids of older versions of the command line", () => {
    const text = JSON.stringify([{ objectId: "42", displayName: "Ada", userPrincipalName: "ada@x.example" }]);
    expect(readImportFile("Users", text)).toMatchObject({ rows: [{ data: { externalId: "42" } }] });
    expect(readImportFile("Groups", '[{"objectId":"42","displayName":"G"}]')).toMatchObject({
      rows: [{ data: { externalId: "42" } }],
    });
  });

  it("is refused for a condition, which would widen access by being left out", () => {
    const entry = {
      principalId: "a",
      principalType: "User",
      roleDefinitionId:
        "/providers/Microsoft.Authorization/roleDefinitions/acdd72a7-3385-48ef-bd42-f606fba81ae7",
      scope: "/subscriptions/1",
    };
    const text = JSON.stringify([entry, { ...entry, condition: "@Resource[x] == 1" }]);
    expect(readImportFile("RoleAssignments", text)).toMatchObject({
      rows: [
        { data: { role: "acdd72a7-3385-48ef-bd42-f606fba81ae7" } },
        { fault: expect.stringContaining("condition") },
      ],
    });
  });
});

describe("a CSV file", () => {
  it("takes quoted fields over lines, any order of columns, and says which line is bad", () => {
    const text = 'email,displayName\nada@contoso.example,"Byron,\n Ada"\nbob@contoso.example\n';
    expect(readImportFile("Users", text)).toMatchObject({
      ok: true,
      rows: [
        { fault: expect.stringContaining("control characters") },
        { fault: expect.stringContaining("1 fields") },
      ],
    });
    expect(readImportFile("Users", "displayName,email\nAda,ada@contoso.example")).toMatchObject({
      rows: [{ line: 2, data: { displayName: "Ada" } }],
    });
    expect(readImportFile("Users", "name,mail\na,b")).toMatchObject({ ok: false });
  });

  it("carries a role's lists with semicolons", () => {
    const text =
      "roleName,actions,assignableScopes\nDeployer,Microsoft.Web/*; */read,/subscriptions/1;/subscriptions/2";
    expect(readImportFile("RoleDefinitions", text)).toMatchObject({
      rows: [
        {
          data: {
            permissions: [{ actions: ["Microsoft.Web/*", "*/read"], notActions: [] }],
            assignableScopes: ["/subscriptions/1", "/subscriptions/2"],
          },
        },
      ],
    });
  });
});

it("knows what contains a scope, and puts what contains others first", () => {
  expect(parentScopeOf("/subscriptions/1")).toBe("/");
  expect(parentScopeOf("/providers/Microsoft.Management/managementGroups/a")).toBe("/");
  expect(parentScopeOf("/subscriptions/1/resourceGroups/web")).toBe("/subscriptions/1");
  const site = "/subscriptions/1/resourceGroups/web/providers/Microsoft.Web/sites/shop";
  expect(parentScopeOf(site)).toBe("/subscriptions/1/resourceGroups/web");
  expect(parentScopeOf(`${site}/slots/blue`)).toBe(site);
  const group = (name: string, parent: string | null, line: number) => ({
    number: line - 1,
    line,
    title: name,
    data: {
      scope: `/providers/Microsoft.Management/managementGroups/${name}`,
      displayName: name,
      resourceType: "t",
      parentScope: parent && `/providers/Microsoft.Management/managementGroups/${parent}`,
    },
  });
  const rows = [
    group("c", "b", 2),
    group("b", "a", 3),
    group("a", null, 4),
    group("x", "y", 5),
    group("y", "x", 6),
  ];
  expect(
    inOrder(rows)
      .slice(0, 3)
      .map((row) => row.title),
  ).toEqual(["a", "b", "c"]);
  expect(refuseRepeated("ManagementGroups", [...rows, group("A", null, 7)]).at(-1)).toMatchObject({
    fault: "It is the same as row 3.",
  });
});

describe("a hostile file", () => {
  const messageOf = (kind: ImportKind, text: string) => {
    const read = readImportFile(kind, text);
    return read.ok ? "taken" : read.message;
  };
  const nested = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;

  it("that is nested without end is left out, and holds up nothing", () => {
    const user = `{"displayName":"Ada","email":"ada@contoso.example"`;
    expect(readImportFile("Users", `[${user},"x":${nested}},${user}}]`)).toMatchObject({
      rows: [{ fault: "It is nested too deeply." }, { data: { displayName: "Ada" } }],
    });
    expect(readImportFile("Users", nested)).toMatchObject({ rows: [{ fault: expect.any(String) }] });
    expect(messageOf("Users", "[".repeat(2_000_000))).toMatch(/is incomplete/);
  });

  it("of millions of rows is not read past what is taken", () => {
    // Reading all of any of these takes minutes.
    for (const text of [
      `[${"0,".repeat(2_500_000)}0]`,
      `[${'"",'.repeat(1_600_000)}""]`,
      `id,displayName,email\n${",,\n".repeat(1_500_000)}`,
    ])
      expect(messageOf("Users", text)).toMatch(/more than 10,000 rows/);
    expect(messageOf("Users", ",".repeat(5_000_000))).toMatch(/names the columns/);
    expect(messageOf("Users", `id,displayName,email\n1,${"x".repeat(5_000_000)},a`)).toMatch(/not CSV/);
  });

  it("of lines of hundreds of thousands of fields is not taken apart", () => {
    const wide = `${",".repeat(499_000)}\n`.repeat(10);
    const began = performance.now();
    expect(messageOf("Users", `id,displayName,email\n1,"A\nB",a@b.example\n${wide}`)).toMatch(
      /line 4 has more than 40 fields/,
    );
    // Taking them apart takes seconds.
    expect(performance.now() - began).toBeLessThan(500);
    const quoted = `1,"${",".repeat(100)}",a@b.example\n`;
    expect(readImportFile("Users", `id,displayName,email\n${quoted}`)).toMatchObject({
      rows: [{ data: { displayName: ",".repeat(100) } }],
    });
  });

  it("of another kind says what it is", () => {
    expect(messageOf("Users", '{"id":"1"}')).toMatch(/single JSON object.*az ad user list/);
    expect(messageOf("Users", "id;displayName;email\n1;Ada;ada@contoso.example")).toMatch(/commas between/);
    expect(messageOf("Users", "email,displayName,EMAIL\na,b,c")).toMatch(/email twice/);
    expect(messageOf("Users", "")).toMatch(/names the columns/);
    expect(messageOf("Users", "ERROR: Please run 'az login' to set up account.")).toMatch(/none of them/);
    const [ada, program] = [
      { id: "1", displayName: "Ada", userPrincipalName: "ada@contoso.example" },
      { id: "2", displayName: "deploy-bot", appId: "3" },
    ];
    const crew = { id: "4", displayName: "Crew", userPrincipalName: null };
    expect(readImportFile("Groups", JSON.stringify([crew, ada, program]))).toMatchObject({
      rows: [
        { data: { externalId: "4" } },
        { fault: expect.stringContaining("users have") },
        { fault: expect.stringContaining("no group") },
      ],
    });
  });

  it("keeps each row to itself, whatever its lines end in, and formulas as text", () => {
    const text =
      "id,displayName,email\r\n1,Ada,ada@contoso.example\n2,=1+1,bob@contoso.example\r3,Eve,eve@contoso.example";
    expect(readImportFile("Users", text)).toMatchObject({
      rows: [
        { line: 2, data: { externalId: "1" } },
        { line: 3, data: { displayName: "=1+1" } },
        { line: 4, data: { displayName: "Eve" } },
      ],
    });
  });

  it("in another encoding is read where it says so, and refused otherwise", () => {
    const text = '[{"displayName":"Zoë"}]';
    const utf16 = Buffer.from(`\uFEFF${text}`, "utf16le");
    expect(textOf(Buffer.from(`\uFEFF${text}`))).toBe(text);
    expect(textOf(utf16)).toBe(text);
    expect(textOf(Buffer.from(utf16).swap16())).toBe(text);
    expect(textOf(Buffer.from(text, "latin1"))).toBeNull();
    expect(textOf(utf16.subarray(0, -1))).toBeNull();
    expect(textOf(new Uint8Array())).toBe("");
  });

  it("of five thousand rows with a bad one among them loses no other", () => {
    const rows = Array.from(
      { length: 5_000 },
      (_, index) => `${index},Person ${index},p${index}@contoso.example`,
    );
    rows[3_210] = '"3210","Person ""3210""",nowhere';
    const read = readImportFile("Users", `id,displayName,email\r\n${rows.join("\r\n")}\r\n`);
    const bad = read.ok ? read.rows.filter((row) => "fault" in row) : [];
    expect(read.ok && read.rows.length).toBe(5_000);
    expect(bad).toEqual([
      {
        number: 3_211,
        line: 3_212,
        title: 'Person "3210", nowhere',
        fault: "email is not an email address.",
      },
    ]);
  });
});

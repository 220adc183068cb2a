import { describe, expect, it } from "vitest";
import { resourceTypeInWords } from "@/lib/domain/resources/resource-type";

describe("a type of resource in words", () => {
  it("is what one of them is called, however its letters are cased", () => {
    expect(resourceTypeInWords("Microsoft.Compute/virtualMachines")).toBe("Virtual machine");
    expect(resourceTypeInWords("MICROSOFT.COMPUTE/VIRTUALMACHINES")).toBe("Virtual machine");
    expect(resourceTypeInWords("Microsoft.Resources/subscriptions")).toBe("Subscription");
    expect(resourceTypeInWords("Microsoft.Sql/servers/databases")).toBe("SQL database");
  });

  it("is the type itself where it is not known", () => {
    for (const type of ["Contoso.Own/things", "cluster", "", "constructor", "__proto__"])
      expect(resourceTypeInWords(type)).toBe(type);
  });
});

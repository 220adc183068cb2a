import { expect, it } from "vitest";
import { addressOfChange, changeInAddress } from "@/components/assignments/opened-change";

it.each(["/resources/1/assignments", "/resources/1/assignments?tab=active&state=Assigned"])(
  "the address of a change on %s opens it once, and nothing else does",
  (list) => {
    const at = new URL(addressOfChange(list, { change: "Extend", id: "7" }), "https://postern.example").href;
    expect(changeInAddress(at)).toEqual({ change: "Extend", id: "7", rest: list });
    expect(changeInAddress(new URL(list, at).href)).toBeNull();
    expect(changeInAddress(new URL("/?change=Extend", at).href)).toBeNull();
  },
);

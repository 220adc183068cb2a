"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { AssignmentTypeField } from "@/components/assignments/assignment-type-field";
import { type BatchActions, BatchFlow } from "@/components/assignments/batch-flow";
import { type Choice, MultiSelect } from "@/components/assignments/multi-select";
import { CheckField, TextAreaField } from "@/components/ui/field";
import { MomentField } from "@/components/ui/moment-field";

type Kind = "Eligible" | "Active";

/** Assigns several roles to several members at one resource, with a preview of every assignment. */
export function AssignMany(
  props: BatchActions & {
    resourceId: string;
    mayAssign: { readonly eligible: boolean; readonly active: boolean };
    maximumRows: number;
    hasFactor: boolean;
    /** The list of assignments to return to. */
    listPath: string;
    returnPath: string;
    findRoles: (resourceId: string, search: string) => Promise<readonly Choice[]>;
    findMembers: (resourceId: string, search: string) => Promise<readonly Choice[]>;
  },
) {
  const router = useRouter();
  const [roles, setRoles] = useState<readonly Choice[]>([]);
  const [members, setMembers] = useState<readonly Choice[]>([]);
  const [type, setType] = useState<Kind>(props.mayAssign.eligible ? "Eligible" : "Active");
  const rows = roles.length * members.length;
  return (
    <BatchFlow
      {...props}
      named={roles.flatMap((role) =>
        members.map((member) => ({
          id: `${role.id} ${member.id}`,
          name: `${role.label} for ${member.label}`,
        })),
      )}
      submitLabel={(count) => `Make ${count} ${count === 1 ? "assignment" : "assignments"}`}
      closeLabel="Cancel"
      onClose={() => router.push(`${props.listPath}?tab=${type === "Active" ? "active" : "eligible"}`)}
    >
      <input type="hidden" name="resourceId" value={props.resourceId} />
      <div className="grid items-start gap-4 md:grid-cols-2">
        <MultiSelect
          name="roleDefinitionIds"
          label="Roles"
          hint="Search roles by name, then choose."
          chosen={roles}
          onChange={setRoles}
          search={(text) => props.findRoles(props.resourceId, text)}
        />
        <MultiSelect
          name="principalIds"
          label="Members"
          hint="Search users and groups by name or email, then choose."
          chosen={members}
          onChange={setMembers}
          search={(text) => props.findMembers(props.resourceId, text)}
        />
      </div>
      <p role="status" className={rows > props.maximumRows ? "text-danger" : "text-muted"}>
        {rows === 0
          ? "Every member gets every role."
          : `${rows} ${rows === 1 ? "assignment" : "assignments"}${rows > props.maximumRows ? `: at most ${props.maximumRows} at once` : ""}.`}
      </p>
      <AssignmentTypeField allowed={props.mayAssign} value={type} onChange={setType} />
      <div className="grid items-start gap-4 md:grid-cols-2">
        <MomentField name="startsAt" label="Start" hint="Leave empty to start now." />
        <MomentField name="endsAt" label="End" hint="Within the maximum of each role's settings." />
      </div>
      <CheckField name="permanently" label="Permanently, where the role settings allow it" />
      <TextAreaField name="justification" label="Justification" maxLength={2000} />
    </BatchFlow>
  );
}

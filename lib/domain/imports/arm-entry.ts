const record = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? { ...value } : {};

/**
 * An entry of ARM's answers without its layers: the fields of `properties`, and the names of what they
 * refer to. Anything else stays as it is.
 */
export function ofArm(value: unknown): unknown {
  const entry = record(value);
  if (!("properties" in entry)) return value;
  const properties = record(entry.properties);
  // Policies of roles store the names under another name.
  const expanded = record(properties.expandedProperties ?? properties.policyAssignmentProperties);
  return {
    principalName: record(expanded.principal).displayName,
    roleDefinitionName: record(expanded.roleDefinition).displayName,
    ...properties,
  };
}

"use client";

import type { Choice } from "@/components/ui/forms/choice-chips";
import { Icon } from "@/components/ui/icon";
import { SearchField } from "@/components/ui/lists/search-field";
import { Sentence } from "@/components/ui/name";
import { Popover } from "@/components/ui/popover";
import { type Query, withQuery } from "@/lib/web/query-address";

/** Which part of a list is shown, as chips in a line. Each is a link. */
export function LinkChips(props: {
  readonly label: string;
  readonly chips: readonly { readonly href: string; readonly label: string; readonly current: boolean }[];
}) {
  return (
    <nav aria-label={props.label} className="chips mb-3">
      {props.chips.map((chip) => (
        <a key={chip.href} className="chip" href={chip.href} aria-current={chip.current ? "true" : undefined}>
          {chip.label}
        </a>
      ))}
    </nav>
  );
}

/** A filter of a list. Its values are in the address, under `name`. */
export type Filter =
  /** One of a few: each is a link. The address leaves out the value `usual`. */
  | {
      readonly kind: "one";
      readonly name: string;
      readonly label: string;
      readonly usual: string;
      readonly value: string;
      readonly choices: readonly Choice[];
    }
  /** Several of many, in groups: check boxes. */
  | {
      readonly kind: "several";
      readonly name: string;
      readonly label: string;
      readonly values: readonly string[];
      readonly groups: readonly { readonly label: string; readonly choices: readonly Choice[] }[];
    }
  /** Anything else: fields of the form. `names` are their names, and `active` says what they are set to. */
  | {
      readonly kind: "fields";
      readonly names: readonly string[];
      readonly label: string;
      readonly active: string | null;
      readonly fields: React.ReactNode;
    };

const namesOf = (filter: Filter) => (filter.kind === "fields" ? filter.names : [filter.name]);

/** What a filter is set to, in words; null if it is not set. */
function activeOf(filter: Filter): string | null {
  if (filter.kind === "fields") return filter.active;
  if (filter.kind === "one") {
    if (filter.value === filter.usual) return null;
    return filter.choices.find(({ value }) => value === filter.value)?.label ?? filter.value;
  }
  const chosen = filter.groups
    .flatMap(({ choices }) => choices)
    .filter(({ value }) => filter.values.includes(value));
  return chosen.length > 1 ? `${chosen[0]?.label} and ${chosen.length - 1} more` : (chosen[0]?.label ?? null);
}

/**
 * The search and the filters of a list in one line. Each filter is a chip that opens its choices. A filter that
 * is set shows its value, and has a cross that removes it. Everything is in the address, in plain links and one
 * form, so that it works without scripts. `children` are at the end of the line, such as an export.
 */
export function FilterChips(props: {
  /** The address of the list, without its query. */
  readonly action: string;
  /** The present query of the list, without its page. */
  readonly query: Query;
  readonly search?: { readonly label: string; readonly value: string };
  readonly filters: readonly Filter[];
  readonly children?: React.ReactNode;
}) {
  const { action, query, search, filters } = props;
  const set = filters.filter((filter) => activeOf(filter) !== null);
  const inForm = new Set([
    ...(search ? ["search"] : []),
    ...filters.filter(({ kind }) => kind !== "one").flatMap(namesOf),
  ]);
  const none = Object.fromEntries([...filters.flatMap(namesOf), "search"].map((name) => [name, null]));
  return (
    <form action={action} className="filter-line">
      {Object.entries(query)
        .filter(([name]) => !inForm.has(name))
        .flatMap(([name, values]) =>
          [values ?? []]
            .flat()
            .map((value) => <input key={`${name} ${value}`} type="hidden" name={name} value={value} />),
        )}
      {search ? <SearchField {...search} /> : null}
      {filters.map((filter) => (
        <FilterChip
          key={filter.label}
          filter={filter}
          href={(changes) => withQuery(action, query, changes)}
        />
      ))}
      {set.length > 0 || search?.value ? (
        <a className="button button-quiet" href={withQuery(action, query, none)}>
          Clear all
        </a>
      ) : null}
      {props.children}
    </form>
  );
}

function FilterChip(props: { filter: Filter; href: (changes: Query) => string }) {
  const { filter, href } = props;
  const active = activeOf(filter);
  const said = active ? `${filter.label}: ${active}` : filter.label;
  return (
    <span className="filter-chip" data-set={active ? true : undefined}>
      <Popover
        className="chip"
        face={
          <>
            <span className="truncate">
              <Sentence of={said} />
            </span>
            {active ? null : <Icon name="chevron-down" size={14} />}
          </>
        }
        panel={filter.label}
      >
        {filter.kind === "one" ? (
          filter.choices.map((choice) => (
            <a
              key={choice.value}
              className="menu-item"
              href={href({ [filter.name]: choice.value === filter.usual ? null : choice.value })}
              aria-current={choice.value === filter.value ? "true" : undefined}
            >
              {choice.label}
            </a>
          ))
        ) : (
          <div className="popover-fields">
            {filter.kind === "several" ? <Several {...filter} /> : filter.fields}
            <button type="submit" className="button justify-self-start">
              Apply
            </button>
          </div>
        )}
      </Popover>
      {active ? (
        <a
          className="chip"
          href={href(Object.fromEntries(namesOf(filter).map((name) => [name, null])))}
          aria-label={`Remove the filter: ${said}`}
        >
          <Icon name="x" size={14} />
        </a>
      ) : null}
    </span>
  );
}

function Several(filter: Extract<Filter, { kind: "several" }>) {
  return filter.groups.map((group) => (
    <fieldset key={group.label}>
      <legend className="label">{group.label}</legend>
      {group.choices.map((choice) => (
        <label key={choice.value} className="flex items-center gap-2 py-0.5">
          <input
            // The key resets the box for another address, so that it always shows the filter in use.
            key={`${choice.value} ${filter.values.includes(choice.value)}`}
            type="checkbox"
            name={filter.name}
            value={choice.value}
            defaultChecked={filter.values.includes(choice.value)}
          />
          {choice.label}
        </label>
      ))}
    </fieldset>
  ));
}

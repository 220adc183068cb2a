"use client";

import { Fragment, useRef, useState } from "react";
import type { ShownNode, ShownPart } from "@/components/resources/shown-tree";
import { moveInTree } from "@/components/resources/tree-keys";
import { Icon } from "@/components/ui/icon";
import { Name } from "@/components/ui/name";
import { toast } from "@/components/ui/toast";

type Parts = Readonly<Record<string, ShownPart>>;

/**
 * The scope tree (ARIA Authoring Practices, tree view). It is one Tab stop. Arrow keys move, open and close;
 * Enter opens the resource. Children are loaded when a node is opened. The address stores which nodes are open.
 */
export function ResourceTree(props: {
  root: ShownNode;
  parts: Parts;
  readChildren: (nodeId: string, after: string | null) => Promise<ShownPart | null>;
}) {
  const [parts, setParts] = useState(props.parts);
  const [open, setOpen] = useState<ReadonlySet<string>>(() => new Set(Object.keys(props.parts)));
  const [waiting, setWaiting] = useState<ReadonlySet<string>>(new Set());
  const [tabStop, setTabStop] = useState(props.root.id);
  const tree = useRef<HTMLDivElement>(null);

  async function fetchPart(nodeId: string, after: string | null): Promise<ShownPart | null> {
    setWaiting((now) => new Set([...now, nodeId]));
    const part = await props.readChildren(nodeId, after).catch(() => null);
    setWaiting((now) => new Set([...now].filter((id) => id !== nodeId)));
    if (!part) toast.error("What lies below could not be read. Try again.");
    return part;
  }

  function keepInAddress(nodes: ReadonlySet<string>) {
    setOpen(nodes);
    window.history.replaceState(null, "", `?open=${[...nodes].join(".")}`);
  }

  async function toggle(node: ShownNode) {
    if (!node.hasChildren || waiting.has(node.id)) return;
    if (open.has(node.id)) return keepInAddress(new Set([...open].filter((id) => id !== node.id)));
    const part = parts[node.id] ?? (await fetchPart(node.id, null));
    if (!part) return;
    setParts((now) => ({ ...now, [node.id]: part }));
    keepInAddress(new Set([...open, node.id]));
  }

  async function showMore(node: ShownNode) {
    const shown = parts[node.id]?.nodes ?? [];
    const next = await fetchPart(node.id, shown.at(-1)?.key ?? null);
    const first = next?.nodes[0];
    if (!next || !first) return;
    setParts((now) => ({ ...now, [node.id]: { nodes: [...shown, ...next.nodes], more: next.more } }));
    requestAnimationFrame(() => document.getElementById(`node-${first.id}`)?.focus());
  }

  const branch = (node: ShownNode, level: number) => {
    const part = parts[node.id];
    const isOpen = node.hasChildren && open.has(node.id) && part !== undefined;
    return (
      <Fragment key={node.id}>
        <div
          id={`node-${node.id}`}
          role="treeitem"
          aria-owns={isOpen ? `below-${node.id}` : undefined}
          aria-level={level}
          aria-expanded={node.hasChildren ? isOpen : undefined}
          aria-busy={waiting.has(node.id)}
          aria-labelledby={`name-${node.id} type-${node.id}`}
          tabIndex={tabStop === node.id ? 0 : -1}
          onFocus={(event) => {
            if (event.target === event.currentTarget) setTabStop(node.id);
          }}
          onKeyDown={(event) => {
            if (event.target !== event.currentTarget) return;
            const step = moveInTree(event, tree.current);
            if (step === "toggle") void toggle(node);
          }}
          className="tree-item"
        >
          <div className="tree-row" style={{ paddingLeft: `${(level - 1) * 1.35}rem` }}>
            <button
              type="button"
              tabIndex={-1}
              aria-hidden
              className="tree-toggle"
              data-leaf={!node.hasChildren}
              onClick={() => void toggle(node)}
            >
              {waiting.has(node.id) ? (
                <Icon name="loader-circle" size={15} className="animate-spin" />
              ) : (
                <Icon name="chevron-right" size={16} className={isOpen ? "rotate-90" : ""} />
              )}
            </button>
            <Icon name={node.icon} size={16} className="shrink-0 text-muted" />
            <a
              id={`name-${node.id}`}
              href={`/resources/${node.id}`}
              tabIndex={-1}
              className="truncate font-medium"
            >
              <Name of={node.displayName} />
            </a>{" "}
            <span id={`type-${node.id}`} className="ml-auto hidden shrink-0 pl-3 text-muted sm:inline">
              {node.type}
            </span>
          </div>
        </div>
        {isOpen ? (
          <div role="group" id={`below-${node.id}`}>
            {part.nodes.map((child) => branch(child, level + 1))}
            {part.more ? (
              <div
                role="treeitem"
                id={`more-${node.id}`}
                aria-level={level + 1}
                tabIndex={tabStop === `more-${node.id}` ? 0 : -1}
                onFocus={() => setTabStop(`more-${node.id}`)}
                onKeyDown={(event) => {
                  if (moveInTree(event, tree.current) === "open") void showMore(node);
                }}
                className="tree-item"
              >
                <button
                  type="button"
                  tabIndex={-1}
                  className="tree-row underline underline-offset-3"
                  style={{ paddingLeft: `${level * 1.35 + 1.9}rem` }}
                  onClick={() => void showMore(node)}
                >
                  Show more of <Name of={node.displayName} />
                </button>
              </div>
            ) : null}
          </div>
        ) : null}
      </Fragment>
    );
  };

  return (
    <div ref={tree} role="tree" aria-label="Resources" className="-mx-2">
      {branch(props.root, 1)}
    </div>
  );
}

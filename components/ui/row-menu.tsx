import { Children } from "react";
import { Icon } from "@/components/ui/icon";
import { Popover } from "@/components/ui/popover";

/**
 * The actions of a row, quiet until one points at them. Two are seen; with more, the first two are, and the others are
 * in a menu beside them. `children` are buttons, links, or dialogs with their button, one for each action.
 */
export function RowMenu(props: {
  /** What the actions are about, for the name of the menu. */
  readonly about: string;
  readonly children: React.ReactNode;
}) {
  const actions = Children.toArray(props.children);
  const more = actions.slice(2);
  return (
    <div className="row-menu">
      {actions.slice(0, 2)}
      {more.length > 0 ? (
        <Popover
          className="button button-icon"
          label={`More actions for ${props.about}`}
          face={<Icon name="ellipsis" />}
          panel={`Actions for ${props.about}`}
        >
          {more}
        </Popover>
      ) : null}
    </div>
  );
}

"use client";

import { useContext } from "react";
import { ErrorText } from "@/components/ui/forms/error-text";
import { FieldErrors } from "@/components/ui/forms/field";
import {
  type NotificationRule,
  type NotificationSettings,
  notificationEventNames,
  notificationEvents,
  notificationRecipientNames,
  notificationRecipients,
  withNotificationRule,
} from "@/lib/domain/roles/notification-settings";

/** The Notification section: who is notified of each event. */
export function NotificationFields(props: {
  readonly settings: NotificationSettings;
  readonly revision: number;
  readonly onChange: (settings: NotificationSettings) => void;
}) {
  const error = useContext(FieldErrors).notifications;
  return (
    <div className="grid gap-5">
      <p className="text-muted">
        Separate extra addresses with commas. Critical notifications ask somebody to act.
      </p>
      {notificationEventNames.map((event) => (
        <fieldset key={event} className="grid gap-3">
          <legend className="label">{notificationEvents[event]}</legend>
          {notificationRecipientNames.map((recipient) => (
            <RuleFields
              key={`${recipient} ${props.revision}`}
              title={notificationRecipients[recipient]}
              rule={props.settings[event][recipient]}
              onChange={(rule) =>
                props.onChange(withNotificationRule(props.settings, event, recipient, rule))
              }
            />
          ))}
        </fieldset>
      ))}
      <ErrorText of={error} />
    </div>
  );
}

function RuleFields(props: {
  readonly title: string;
  readonly rule: NotificationRule;
  readonly onChange: (rule: NotificationRule) => void;
}) {
  const { rule, onChange } = props;
  return (
    <fieldset className="grid gap-x-4 gap-y-1 border-t border-line pt-2 sm:grid-cols-[9.5rem_1fr] sm:items-center">
      <legend className="sr-only">{props.title}</legend>
      <span aria-hidden className="text-muted">
        {props.title}
      </span>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={rule.defaultRecipients}
            onChange={(event) => onChange({ ...rule, defaultRecipients: event.currentTarget.checked })}
          />
          Default recipients
        </label>
        <label className="flex items-center gap-2">
          <input
            type="checkbox"
            className="size-4 accent-(--accent)"
            checked={rule.criticalOnly}
            onChange={(event) => onChange({ ...rule, criticalOnly: event.currentTarget.checked })}
          />
          Critical only
        </label>
        <label className="min-w-48 grow">
          <span className="sr-only">Extra addresses</span>
          <input
            className="input"
            type="text"
            inputMode="email"
            autoComplete="off"
            placeholder="Extra addresses"
            maxLength={2_000}
            defaultValue={rule.additionalAddresses.join(", ")}
            onChange={(event) =>
              onChange({ ...rule, additionalAddresses: addressesOf(event.currentTarget.value) })
            }
          />
        </label>
      </div>
    </fieldset>
  );
}

function addressesOf(text: string): string[] {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  return [...new Set(parts)];
}

import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { maximumFindings, scanAlerts, scanIsDue } from "@/lib/operations/alerts/scan-alerts";
import { recordExpiries } from "@/lib/operations/assignments/record-expiries";
import { prunePast } from "@/lib/operations/audit/prune-past";
import { countAccess } from "@/lib/operations/figures/count-access";
import { applyImports, importsAreDue } from "@/lib/operations/imports/apply-imports";
import { importRunsAreDue, runImportSchedules } from "@/lib/operations/imports/run-import-schedules";
import {
  deliverNotifications,
  notificationsAreDue,
} from "@/lib/operations/notifications/deliver-notifications";
import { makeWeeklyDigest } from "@/lib/operations/notifications/make-weekly-digest";
import { exportsAreDue, queueExports } from "@/lib/operations/notifications/queue-exports";
import { remindOfActivations } from "@/lib/operations/notifications/remind-of-activations";
import { remindOfDeadlines } from "@/lib/operations/notifications/remind-of-deadlines";
import { remindOfEndings } from "@/lib/operations/notifications/remind-of-endings";
import { remindOfExpiry } from "@/lib/operations/notifications/remind-of-expiry";
import { mailIsDue, mailRests, sendDueMail } from "@/lib/operations/notifications/send-mail";
import { applyFactorResets } from "@/lib/operations/people/apply-factor-resets";
import { forgetGuesses } from "@/lib/operations/people/prune-wrong-guesses";
import { reEncryptSecrets } from "@/lib/operations/people/re-encrypt-secrets";
import { revokeOrphanedRequests } from "@/lib/operations/requests/revoke-orphaned-requests";
import { timeOutRequests } from "@/lib/operations/requests/time-out-requests";
import { expireConflictExceptions } from "@/lib/operations/roles/expire-conflict-exceptions";
import type { Database } from "@/lib/platform/database";
import type { ImportSources } from "@/lib/platform/import-files/import-sources";
import type { PeriodicJob } from "@/lib/platform/job-state";
import { log } from "@/lib/platform/log";
import type { Mailer } from "@/lib/platform/mail";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";
import { readKeyUse } from "@/lib/queries/notifications/encryption-keys";
import { makeExport } from "@/lib/server/worker/make-export";
import type { QueueName } from "@/lib/server/worker/queue-names";

/**
 * What jobs need besides the database. Without a mailer no mail is sent or queued. Without keys nothing is
 * re-encrypted.
 */
export interface JobSettings {
  readonly mailer: Mailer | null;
  readonly publicUrl: string;
  readonly encryptionKeys: EncryptionKeys;
  /** The issuers of the identity providers that confirm operations. */
  readonly confirmingIssuers: ConfirmingIssuers;
  /** What scheduled imports may read. */
  readonly importSources: ImportSources;
}

/** A job whose queue is made before the worker starts. */
type NamedJob = PeriodicJob & { readonly name: QueueName };

/** All periodic jobs. Add a job here, and its name to `queue-names.ts`. `PeriodicJob` documents what it must guarantee. */
export function periodicJobs(settings: JobSettings): readonly NamedJob[] {
  const { mailer, publicUrl, encryptionKeys, confirmingIssuers, importSources } = settings;
  const delivery = { mail: mailer !== null };
  return [
    {
      name: "record-expiries",
      title: "Record what ended by time",
      everyMinutes: 1,
      run: async (database) => (await recordExpiries(database)) + (await expireConflictExceptions(database)),
    },
    {
      name: "access-reviews",
      title: "Start, end and apply access reviews",
      everyMinutes: 1,
      run: async (database) => {
        const { started, ended, applied } = await advanceAccessReviews(database);
        return started + ended + applied;
      },
    },
    {
      name: "scan-alerts",
      title: "Scan for alerts",
      everyMinutes: 5,
      run: async (database) => {
        const { raised, resolved } = await scanAlerts(database, maximumFindings, confirmingIssuers);
        return raised + resolved;
      },
      due: scanIsDue,
    },
    {
      name: "count-access",
      title: "Count access ahead for the figures of large places",
      everyMinutes: 5,
      run: (database) => countAccess(database),
    },
    {
      name: "apply-imports",
      title: "Apply imports that were confirmed",
      everyMinutes: 1,
      run: applyImports,
      due: importsAreDue,
    },
    {
      name: "run-import-schedules",
      title: "Run scheduled imports",
      everyMinutes: 1,
      run: (database) => runImportSchedules(database, importSources),
      due: importRunsAreDue,
    },
    {
      name: "time-out-requests",
      title: "Time out, escalate and revoke requests",
      everyMinutes: 1,
      run: async (database) => (await timeOutRequests(database)) + (await revokeOrphanedRequests(database)),
    },
    {
      name: "factor-resets",
      title: "Apply and end resets of second factors",
      everyMinutes: 1,
      run: applyFactorResets,
    },
    {
      name: "deliver-notifications",
      title: "Notify people of what happened",
      everyMinutes: 1,
      run: (database) => deliverNotifications(database, delivery),
      due: notificationsAreDue,
    },
    {
      name: "prune-wrong-guesses",
      title: "Forget old counts of wrong passwords and codes",
      everyMinutes: 15,
      run: forgetGuesses,
    },
    {
      name: "remind-of-expiry",
      title: "Send reminders of access that ends soon",
      everyMinutes: 15,
      run: async (database) =>
        (await remindOfExpiry(database, delivery)) + (await remindOfEndings(database, delivery)),
    },
    {
      name: "remind-of-deadlines",
      title: "Send reminders of waiting requests and ending activations",
      everyMinutes: 1,
      run: async (database) =>
        (await remindOfDeadlines(database)) + (await remindOfActivations(database, delivery)),
    },
    {
      name: "make-weekly-digest",
      title: "Make the weekly digest",
      everyMinutes: 60,
      run: (database) => makeWeeklyDigest(database, delivery),
    },
    {
      name: "prune-past",
      title: "Remove what is past keeping",
      everyMinutes: 60,
      run: prunePast,
    },
    ...(encryptionKeys.length === 0
      ? []
      : [
          {
            name: "re-encrypt-secrets",
            title: "Re-encrypt with the first key",
            everyMinutes: 15,
            run: async (database: Database) => {
              const count = await reEncryptSecrets(database, encryptionKeys);
              if (count > 0)
                for (const { id, use } of await readKeyUse(database, encryptionKeys))
                  log().info(`Encryption key ${id}: ${use}`);
              return count;
            },
          } satisfies NamedJob,
        ]),
    ...(mailer === null
      ? []
      : [
          {
            name: "queue-exports",
            title: "Queue scheduled exports",
            everyMinutes: 1,
            run: queueExports,
            due: exportsAreDue,
          } satisfies NamedJob,
          {
            name: "send-mail",
            title: "Send mail",
            everyMinutes: 1,
            run: async (database: Database) =>
              (await mailRests(database)) ? null : sendDueMail(database, mailer, publicUrl, makeExport),
            due: mailIsDue,
          } satisfies NamedJob,
        ]),
  ];
}

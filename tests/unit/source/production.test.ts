import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { parse } from "yaml";
import { debianProgram } from "@/scripts/parts/debian-programs.mjs";

const root = join(import.meta.dirname, "../../..");
const read = (path: string) => readFileSync(join(root, path), "utf8");
const folder = mkdtempSync(join(tmpdir(), "postern-production-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

function run(program: string, options: readonly string[], environment: Record<string, string> = {}) {
  const { status, stdout, stderr } = spawnSync(program, options, {
    encoding: "utf8",
    env: { ...process.env, ...environment },
  });
  return { status, said: `${stdout}${stderr}` };
}

describe("The rules of alerts", () => {
  const rules = read("docs/production/alerts.yaml");
  const alerts: readonly { readonly alert: string; readonly expr: string }[] = parse(rules).groups[0].rules;

  it("ask for metrics that Postern has, and each is explained", () => {
    const document = read("docs/metrics.md");
    for (const { alert, expr } of alerts) {
      expect(document, alert).toContain(`\`${alert}\``);
      for (const [name = ""] of expr.matchAll(/\bpostern_\w+?(?=_bucket\b|\b)/g))
        expect(document, alert).toContain(`\`${name}\``);
    }
  });

  // Prometheus' own program, if this machine or Debian's packages have it; otherwise `npm test` says so.
  const promtool = debianProgram("promtool");
  if (promtool)
    it("are in order, and sound when they should", () => {
      const file = fileOf("alerts.yaml", rules);
      const check = (path: string) => run(promtool.path, ["check", "rules", path], promtool.environment);
      expect(check(file)).toMatchObject({
        status: 0,
        said: expect.stringContaining(`${alerts.length} rules found`),
      });
      expect(
        check(fileOf("wrong.yaml", rules.replace("max(postern_database_up)", "max(postern_database_up"))),
      ).toMatchObject({
        status: 1,
      });
      const series = (values: Readonly<Record<string, string>>) =>
        Object.entries(values).map(([name, given]) => ({ series: name, values: given }));
      const at = (alert: string, sounds: boolean, labels: Record<string, string> = {}) => ({
        eval_time: "30m",
        alertname: alert,
        exp_alerts: sounds ? [{ exp_labels: labels }] : [],
      });
      // A job that last succeeded at the beginning, while it should run every minute; a thirtieth of the
      // answers are failures.
      const broken = {
        'up{job="postern"}': "0x40",
        postern_database_up: "0x40",
        postern_workers: "0x40",
        'postern_job_last_success_timestamp_seconds{job="send-mail"}': "0x40",
        'postern_job_interval_seconds{job="send-mail"}': "60x40",
        'postern_http_requests_total{status="2xx"}': "0+29x40",
        'postern_http_requests_total{status="5xx"}': "0+1x40",
        'postern_queue_oldest_seconds{queue="mail"}': "1000x40",
        'postern_audit_events_total{kind="SignInFailed"}': "0+60x40",
      };
      const healthy = {
        ...Object.fromEntries(Object.keys(broken).map((name) => [name, "0x40"])),
        'up{job="postern"}': "1x40",
        postern_database_up: "1x40",
        postern_workers: "2x40",
        'postern_job_last_success_timestamp_seconds{job="send-mail"}': "0+60x40",
        'postern_job_interval_seconds{job="send-mail"}': "60x40",
        'postern_http_requests_total{status="2xx"}': "0+1000x40",
      };
      const sounding = {
        PosternDown: { job: "postern" },
        PosternDatabaseDown: {},
        PosternNoWorker: {},
        PosternJobLate: { job: "send-mail" },
        PosternFails: {},
        PosternMailStuck: { queue: "mail" },
        PosternPasswordsGuessed: {},
      };
      const tried = (values: Readonly<Record<string, string>>, sounds: boolean) => ({
        interval: "1m",
        input_series: series(values),
        alert_rule_test: Object.entries(sounding).map(([alert, labels]) => at(alert, sounds, labels)),
      });
      const trial = { rule_files: [file], tests: [tried(broken, true), tried(healthy, false)] };
      const result = run(
        promtool.path,
        ["test", "rules", fileOf("trial.json", JSON.stringify(trial))],
        promtool.environment,
      );
      expect(result.said).toContain("SUCCESS");
      expect(result.status).toBe(0);
    });
});

describe("The unit of systemd", () => {
  const unit = read("docs/production/postern.service");

  it("runs as a user of its own, and waits for longer than a drain takes", () => {
    expect(unit).toMatch(/^User=postern$/m);
    expect(unit).toMatch(/^ProtectSystem=strict$/m);
    const seconds = Number(/^TimeoutStopSec=(\d+)$/m.exec(unit)?.[1]);
    const drain = Number(/`POSTERN_DRAIN_SECONDS`\s*\| `(\d+)`/.exec(read("docs/production.md"))?.[1]);
    // Requests under way, streams and the rest of a stop.
    expect(seconds).toBeGreaterThanOrEqual(drain + 10);
  });

  // Only with systemd. It warns of what it does not know, and ends with 0 nevertheless.
  if (existsSync("/usr/bin/systemd-analyze"))
    it("has nothing that systemd does not know", () => {
      const verify = (text: string) =>
        run("systemd-analyze", [
          "verify",
          fileOf("postern.service", text.replace("/usr/bin/node", process.execPath)),
        ]);
      const known = ({ said }: { said: string }) =>
        said.split("\n").filter((line) => line.includes("postern.service"));
      expect(known(verify(unit))).toEqual([]);
      expect(known(verify(unit.replace("ProtectClock", "ProtectClok")))).toEqual([
        expect.stringContaining("ProtectClok"),
      ]);
    });
});

/** A person of the demo who can sign in. */
export interface DemoPerson {
  readonly id: string;
  readonly name: string;
  readonly email: string;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};
const escaped = (text: string) => text.replaceAll(/[&<>"']/g, (character) => entities[character] ?? "");

function page(title: string, content: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark">
<title>${title}: demo provider</title>
<style>
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 10vh auto; padding: 0 1rem; }
h1 { font-size: 1.25rem; }
button { font: inherit; width: 100%; padding: .5rem .75rem; margin-bottom: .5rem; text-align: left; cursor: pointer; overflow-wrap: anywhere; }
small { display: block; }
.warning { border: 1px solid; border-radius: .375rem; padding: .5rem .75rem; }
</style>
</head>
<body>
<h1>${title}</h1>
<p class="warning">This is the demo's identity provider. It asks for no password: never use it with real people.</p>
${content}
</body>
</html>`;
}

/** The page where the visitor chooses a person of the demo. */
export function choosePersonPage(people: readonly DemoPerson[]): string {
  const buttons = people.map(
    ({ id, name, email }) =>
      `<button name="person" value="${escaped(id)}">${escaped(name)} <small>${escaped(email)}</small></button>`,
  );
  return page("Who are you?", `<form method="post">${buttons.join("\n")}</form>`);
}

/** Asks whether to sign out, in the form that the provider made. */
export function leavePage(form: string): string {
  return page(
    "Sign out?",
    `${form}
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Sign out</button>
<button type="submit" form="op.logoutForm">Stay signed in</button>`,
  );
}

/** The front page, which is also shown after signing out. */
export function startPage(publicUrl: string): string {
  return page(
    "Demo provider",
    `<p><a href="${escaped(publicUrl)}">Postern</a></p>
<p><a href="/session/end">Sign out here</a>, which also ends the sessions at Postern that began here.</p>`,
  );
}

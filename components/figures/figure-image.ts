import { fillOf } from "@/components/figures/series";

const background = "--surface";
const tokens = [
  background,
  "--line",
  "--sunken",
  "--muted",
  "--text",
  ...[1, 2, 3, 4, 5, 6].map((n) => `--chart-${n}`),
];
const scale = 2;

/** The current value of a theme colour, for a drawing outside the page's style sheet. */
function shown(token: string): string {
  const probe = document.createElement("span");
  probe.style.color = `var(${token})`;
  document.body.append(probe);
  const colour = getComputedStyle(probe).color;
  probe.remove();
  return colour;
}

/** A line of the legend. */
export interface Entry {
  readonly index: number;
  readonly label: string;
  readonly value: string;
  readonly dash?: string | undefined;
}

const space = "http://www.w3.org/2000/svg";
const titleHeight = 34;
const entryHeight = 20;
const edge = 14;

function element(
  parent: Element,
  name: string,
  attributes: Record<string, string | number>,
  text = "",
): Element {
  const made = document.createElementNS(space, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, String(value));
  made.textContent = text;
  parent.append(made);
  return made;
}

/** The drawing with its title and legend, in an SVG that needs no style sheet. */
function composed(drawing: SVGSVGElement, title: string, legend: readonly Entry[]) {
  const inner = drawing.viewBox.baseVal;
  const width = Math.max(inner.width, 340) + 2 * edge;
  const height = titleHeight + inner.height + entryHeight * legend.length + 2 * edge;
  const svg = document.createElementNS(space, "svg");
  svg.setAttribute("width", String(width * scale));
  svg.setAttribute("height", String(height * scale));
  svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
  for (const token of tokens) svg.style.setProperty(token, shown(token));
  element(
    svg,
    "style",
    {},
    "text { fill: var(--muted); font: 12px system-ui, sans-serif } .title { fill: var(--text); font: 600 15px system-ui, sans-serif }",
  );
  element(svg, "rect", { width, height, fill: `var(${background})` });
  element(svg, "text", { x: edge, y: edge + 12, class: "title" }, title);
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const place = {
    x: (width - inner.width) / 2,
    y: edge + titleHeight - 8,
    width: inner.width,
    height: inner.height,
  };
  for (const [name, value] of Object.entries(place)) copy.setAttribute(name, String(value));
  svg.append(copy);
  legend.forEach(({ index, label, value, dash }, row) => {
    const y = edge + titleHeight + inner.height + row * entryHeight;
    if (dash === undefined) {
      element(svg, "rect", {
        x: edge,
        y,
        width: 12,
        height: 12,
        fill: fillOf(index),
      });
    } else {
      element(svg, "path", {
        d: `M${edge},${y + 6} h20`,
        stroke: `var(--chart-${index + 1})`,
        "stroke-width": 2.25,
        "stroke-dasharray": dash,
      });
    }
    element(svg, "text", { x: edge + 28, y: y + 10.5 }, `${label}  ${value}`);
  });
  return { svg, width: width * scale, height: height * scale };
}

async function drawn(drawing: SVGSVGElement, title: string, legend: readonly Entry[]): Promise<Blob> {
  const { svg, width, height } = composed(drawing, title, legend);
  const image = new Image();
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(new XMLSerializer().serializeToString(svg))}`;
  await image.decode();
  const canvas = document.createElement("canvas");
  canvas.width = width;
  canvas.height = height;
  const context = canvas.getContext("2d");
  if (!context) throw new Error("this browser draws no images");
  context.drawImage(image, 0, 0);
  return new Promise((resolve, reject) => {
    canvas.toBlob((blob) => (blob ? resolve(blob) : reject(new Error("no image was made"))), "image/png");
  });
}

/** Saves the drawing of a figure as a PNG, in its current colours. */
export async function saveFigure(figureId: string, title: string, legend: readonly Entry[]): Promise<void> {
  const all = [...(document.getElementById(figureId)?.querySelectorAll<SVGSVGElement>("svg.chart") ?? [])];
  const svg =
    all.find((each) => each.hasAttribute("data-image")) ??
    all.find((each) => each.getClientRects().length > 0);
  if (!svg) return;
  const url = URL.createObjectURL(await drawn(svg, title, legend));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${figureId}.png`;
  link.click();
  URL.revokeObjectURL(url);
}

// What a plot is drawn with: a canvas's context, or this, which writes the same strokes as SVG.

class SvgPen {
  constructor(width, height) {
    Object.assign(this, { width, height, parts: [], path: [], dashes: [], fillStyle: "", strokeStyle: "", lineWidth: 1,
      globalAlpha: 1, font: "", textAlign: "left", textBaseline: "alphabetic", turned: null, clips: 0, kept: [] });
  }
  beginPath() { this.path = []; }
  moveTo(x, y) { this.path.push(`M${x.toFixed(2)} ${y.toFixed(2)}`); }
  lineTo(x, y) { this.path.push(`L${x.toFixed(2)} ${y.toFixed(2)}`); }
  closePath() { this.path.push("Z"); }
  rect(x, y, width, height) { this.path.push(`M${x} ${y}h${width}v${height}h${-width}Z`); }
  arc(x, y, r) { this.path.push(`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0`); }
  setLineDash(dashes) { this.dashes = dashes; }
  save() { this.kept.push(this.clips); }
  restore() { for (; this.clips > this.kept.at(-1); this.clips--) this.parts.push("</g>"); this.kept.pop(); this.turned = null; }
  translate(x, y) { this.turned = [x, y]; }
  rotate() {}
  clip() {
    const id = `clip${this.parts.length}`;
    this.parts.push(`<clipPath id="${id}"><path d="${this.path.join("")}"/></clipPath><g clip-path="url(#${id})">`);
    this.clips++;
  }
  stroke() {
    this.parts.push(`<path d="${this.path.join("")}" fill="none" stroke="${this.strokeStyle}" stroke-width="${this.lineWidth}"
      stroke-opacity="${this.globalAlpha}" stroke-dasharray="${this.dashes.join(" ")}" stroke-linejoin="round"/>`);
  }
  fill() { this.parts.push(`<path d="${this.path.join("")}" fill="${this.fillStyle}" fill-opacity="${this.globalAlpha}"/>`); }
  fillRect(x, y, width, height) { this.parts.push(`<rect x="${x}" y="${y}" width="${width}" height="${height}" fill="${this.fillStyle}"/>`); }
  fillText(text, x, y) {
    const anchor = { left: "start", right: "end", center: "middle" }[this.textAlign];
    const base = { top: "hanging", middle: "central", alphabetic: "auto", bottom: "auto" }[this.textBaseline];
    const turn = this.turned ? ` transform="translate(${this.turned}) rotate(-90)"` : "";
    this.parts.push(`<text x="${x}" y="${y}" text-anchor="${anchor}" dominant-baseline="${base}" fill="${this.fillStyle}"
      fill-opacity="${this.globalAlpha}" style="font:${this.font.replaceAll('"', "'")}"${turn}>${escapeXml(text)}</text>`);
  }
  measureText(text) { return { width: 6.6 * String(text).length }; }
  text() {
    return `<svg xmlns="http://www.w3.org/2000/svg" width="${this.width}" height="${this.height}">${this.parts.join("")}</svg>`;
  }
}

const escapeXml = (text) => String(text).replace(/[<>&"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

/** An element of an XML document. Namespaces are left as they are written. */
export interface XmlElement {
  readonly name: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly XmlElement[];
  /** Its own text, CDATA included, without that of its children. */
  readonly text: string;
}

/** Not well-formed, or more than a report needs (a document type with entities of its own). Counts from 1. */
export class XmlError extends Error {
  constructor(
    readonly line: number,
    readonly column: number,
    reason: string,
  ) {
    super(`line ${line}, column ${column}: ${reason}`);
    this.name = "XmlError";
  }
}

interface Open {
  readonly name: string;
  readonly attributes: Record<string, string>;
  readonly children: XmlElement[];
  text: string;
}

const NAME = /[\p{L}_:][\p{L}\p{N}_:.\-\u00b7]*/uy;
const SPACE = /[ \t\r\n]*/y;
const ENTITIES: Readonly<Record<string, string>> = { lt: "<", gt: ">", amp: "&", quot: '"', apos: "'" };

/**
 * Reads a whole XML document, as test and coverage reports use it. Document types are refused: they are where
 * entity bombs and external files come from.
 * @throws XmlError
 */
export function parseXml(source: string): XmlElement {
  return new Parser(source.replace(/^\uFEFF/, "")).document();
}

class Parser {
  private at = 0;

  constructor(private readonly source: string) {}

  document(): XmlElement {
    const open: Open[] = [];
    let root: XmlElement | undefined;
    while (this.at < this.source.length) {
      const top = open.at(-1);
      if (this.source[this.at] !== "<") {
        const text = this.text();
        if (top !== undefined) top.text += text;
        else if (text.trim() !== "") this.fail("text outside of the document's element");
      } else if (this.skips("<!--")) {
        this.until("-->", "comment");
      } else if (this.skips("<?")) {
        this.until("?>", "processing instruction");
      } else if (this.skips("<![CDATA[")) {
        if (top === undefined) this.fail("CDATA outside of the document's element");
        top.text += this.until("]]>", "CDATA section");
      } else if (this.source.startsWith("<!", this.at)) {
        this.fail("document types and declarations are not accepted in a report");
      } else if (this.skips("</")) {
        const name = this.name();
        this.expect(">");
        if (top === undefined || top.name !== name) this.fail(`</${name}> closes what is not open`);
        open.pop();
        root = this.close(top, open.at(-1), root);
      } else {
        if (root !== undefined) this.fail("a second element after the document's element");
        const { element, empty } = this.tag();
        if (empty) root = this.close(element, top, root);
        else open.push(element);
      }
    }
    const unclosed = open.at(-1);
    if (unclosed !== undefined) this.fail(`<${unclosed.name}> is never closed`);
    return root ?? this.fail("no element");
  }

  private close(element: Open, parent: Open | undefined, root: XmlElement | undefined): XmlElement | undefined {
    if (parent === undefined) return element;
    parent.children.push(element);
    return root;
  }

  private tag(): { element: Open; empty: boolean } {
    this.at++;
    const element: Open = { name: this.name(), attributes: {}, children: [], text: "" };
    for (;;) {
      this.match(SPACE);
      if (this.skips("/>")) return { element, empty: true };
      if (this.skips(">")) return { element, empty: false };
      const name = this.name();
      this.match(SPACE);
      this.expect("=");
      this.match(SPACE);
      const quote = this.source[this.at];
      if (quote !== '"' && quote !== "'") this.fail(`the value of ${name} is not in quotes`);
      this.at++;
      if (Object.hasOwn(element.attributes, name)) this.fail(`attribute ${name} twice`);
      const value = this.decode(this.until(quote, `value of ${name}`));
      Object.defineProperty(element.attributes, name, { value, enumerable: true });
    }
  }

  private text(): string {
    const end = this.source.indexOf("<", this.at);
    const raw = this.source.slice(this.at, end < 0 ? undefined : end);
    this.at += raw.length;
    return this.decode(raw);
  }

  private decode(raw: string): string {
    return raw.replace(/&([^;&]{0,10};?)/g, (all, body: string) => {
      const name = body.replace(/;$/, "");
      const number = /^#(?:x([0-9a-f]+)|(\d+))$/i.exec(name);
      const code = number === null ? NaN : parseInt(number[1] ?? number[2] ?? "", number[1] === undefined ? 10 : 16);
      const known = Number.isNaN(code) ? ENTITIES[name] : code <= 0x10ffff ? String.fromCodePoint(code) : undefined;
      if (!body.endsWith(";") || known === undefined) this.fail(`unknown entity ${all}`);
      return known;
    });
  }

  private name(): string {
    return this.match(NAME) || this.fail("expected a name");
  }

  private match(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.source)?.[0] ?? "";
    this.at += found.length;
    return found;
  }

  private skips(text: string): boolean {
    if (!this.source.startsWith(text, this.at)) return false;
    this.at += text.length;
    return true;
  }

  private expect(text: string): void {
    this.match(SPACE);
    if (!this.skips(text)) this.fail(`expected ${text}`);
  }

  private until(end: string, what: string): string {
    const found = this.source.indexOf(end, this.at);
    if (found < 0) this.fail(`${what} without end`);
    const content = this.source.slice(this.at, found);
    this.at = found + end.length;
    return content;
  }

  private fail(reason: string): never {
    const before = this.source.slice(0, this.at).split("\n");
    throw new XmlError(before.length, (before.at(-1)?.length ?? 0) + 1, reason);
  }
}

// citeproc-js over many styles: node citeproc.js CITEPROC LOCALES REFERENCES CITATIONS < styles' paths, one a line.
// Prints a line of JSON for each style: {style, note, hasbib, cites: [html], bib: [{id, html}]} or {style, error}.
const fs = require('fs');
const path = require('path');
const [, , citeproc, locales, referencesFile, citationsFile] = process.argv;
const CSL = require(path.resolve(citeproc));

const references = JSON.parse(fs.readFileSync(referencesFile, 'utf8'));
const citations = JSON.parse(fs.readFileSync(citationsFile, 'utf8'));
const byId = Object.fromEntries(references.map((item) => [item.id, item]));
const dialects = JSON.parse(fs.readFileSync(path.join(locales, 'locales.json'), 'utf8'))['primary-dialects'];

const system = {
  retrieveLocale(lang) {
    const wanted = [lang, dialects[lang], dialects[lang.split('-')[0]], 'en-US'].filter(Boolean);
    const file = wanted.map((name) => path.join(locales, `locales-${name}.xml`)).find((name) => fs.existsSync(name));
    return fs.readFileSync(file, 'utf8');
  },
  retrieveItem: (id) => structuredClone(byId[id]),
};

function cluster(citation, number, note) {
  const citationItems = citation.items.map((item) => ({
    ...item,
    ...(citation.kind === 'suppress' ? { 'suppress-author': true } : {}),
  }));
  const properties = { noteIndex: note ? number + 1 : 0, ...(citation.kind === 'text' ? { mode: 'composite' } : {}) };
  return { citationID: `c${number}`, citationItems, properties };
}

function printed(file) {
  const engine = new CSL.Engine(system, fs.readFileSync(file, 'utf8'));
  const note = engine.opt.xclass === 'note';
  engine.updateItems(references.map((item) => item.id));
  const cites = [];
  const before = [];
  citations.forEach((citation, number) => {
    const [, changed] = engine.processCitationCluster(cluster(citation, number, note), before, []);
    changed.forEach(([at, html]) => { cites[at] = html; });
    before.push([`c${number}`, note ? number + 1 : 0]);
  });
  const made = engine.makeBibliography();
  if (!made) return { note, hasbib: false, cites, bib: [] };
  const [options, entries] = made;
  const failed = new Set((options.bibliography_errors || []).map((error) => String(error.itemID)));
  let ids = options.entry_ids.map((parts) => String(parts[0]));
  if (ids.length !== entries.length) ids = ids.filter((id) => !failed.has(id));
  return { note, hasbib: true, cites, bib: entries.map((html, at) => ({ id: ids[at], html })) };
}

for (const file of fs.readFileSync(0, 'utf8').split('\n').filter(Boolean)) {
  const style = path.basename(file, '.csl');
  let line;
  try {
    line = { style, ...printed(file) };
  } catch (error) {
    line = { style, error: String(error) };
  }
  process.stdout.write(`${JSON.stringify(line)}\n`);
}

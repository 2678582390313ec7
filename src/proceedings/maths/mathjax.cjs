// Draws formulas and says them in words. Reads one JSON object from standard input:
//   {packages: {mathjax, font, sre, xmldom, xpath}, lang, formulas: [{tex, display, mathml}]}
// and writes one: {lang, formulas: [{svg, mathml, words} | {error}]}, in the same order.
// MathJax works without a network, without \require, and without HTML or links in formulas.
'use strict';

const fs = require('fs');
const Module = require('module');
const path = require('path');

const job = JSON.parse(fs.readFileSync(0, 'utf8'));
const {mathjax, font, sre, xmldom, xpath} = job.packages;

// The packages lie in folders of their own, not in a node_modules; speech-rule-engine asks for these by name.
const places = {
  '@xmldom/xmldom': path.join(xmldom, 'lib/index.js'),
  'wicked-good-xpath': path.join(xpath, 'dist/wgxpath.install-node.js'),
  commander: __filename, // only its command line would use it
};
const resolve = Module._resolveFilename;
Module._resolveFilename = (name, ...rest) => places[name] || resolve(name, ...rest);

const withoutLinks = {
  html: [], textmacros: [], mhchem: [], // mhchem needs fonts that are not here
};

async function start() {
  const MathJax = require(path.join(mathjax, 'node-main.cjs'));
  await MathJax.init({
    loader: {load: ['input/tex', 'input/mml', 'output/svg'], paths: {'mathjax-newcm': font}},
    tex: {
      packages: {'[-]': ['require', 'noundefined', 'noerrors']},
      autoload: withoutLinks,
      macros: {bm: ['\\boldsymbol{#1}', 1]},
      maxBuffer: 40000,
      formatError: (_, error) => { throw error; },
    },
    svg: {fontCache: 'none', linebreaks: {inline: false}},
  });
  return MathJax;
}

async function speaker() {
  const maps = path.join(sre, 'lib/mathmaps');
  const lang = fs.existsSync(path.join(maps, job.lang + '.json')) ? job.lang : 'en';
  process.env.SRE_JSON_PATH = maps;
  const engine = require(path.join(sre, 'lib/sre.js'));
  await engine.setupEngine({locale: lang, domain: 'clearspeak', modality: 'speech', markup: 'none', json: maps});
  return {lang, say: (mathml) => engine.toSpeech(mathml)};
}

const AS_WIDE_AS_A_PAGE = /^\\begin\s*\{multline/;

async function convert(MathJax, voice, formula) {
  const adaptor = MathJax.startup.adaptor;
  const options = {display: formula.display};
  let node, mathml;
  try {
    if (formula.mathml && AS_WIDE_AS_A_PAGE.test(formula.tex)) throw new Error('it is drawn from its MathML');
    mathml = await MathJax.tex2mmlPromise(formula.tex, options);
    node = await MathJax.tex2svgPromise(formula.tex, options);
  } catch (error) {
    if (!formula.mathml) return {error: String(error.message || error)};
    mathml = formula.mathml;
    node = await MathJax.mathml2svgPromise(mathml, options);
  }
  const svg = adaptor.serializeXML(adaptor.tags(node, 'svg')[0]);
  let words = '';
  try {
    words = voice.say(mathml);
  } catch (_) {
    // No words for this one; its TeX will stand for them.
  }
  return {svg, mathml, words};
}

async function main() {
  const [MathJax, voice] = [await start(), await speaker()];
  const formulas = [];
  for (const formula of job.formulas) {
    try {
      formulas.push(await convert(MathJax, voice, formula));
    } catch (error) {
      formulas.push({error: String(error.message || error)});
    }
  }
  fs.writeSync(1, JSON.stringify({lang: voice.lang, formulas}));
}

if (require.main === module) {
  main().catch((error) => {
    console.error(error && error.stack || error);
    process.exit(1);
  });
}

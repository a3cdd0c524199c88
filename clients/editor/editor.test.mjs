// The Cucumber extension for editors is this language service. It has to find every sentence by the
// settings that are committed here, and by those that `reprompt new` writes, and to offer them.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import path from "node:path";
import { after, before, test } from "node:test";

import { globSync } from "tinyglobby";

const require = createRequire(import.meta.url);
const { ExpressionBuilder, getGherkinDiagnostics } = require("@cucumber/language-service");
const { WasmParserAdapter } = require("@cucumber/language-service/wasm");

const root = path.resolve(import.meta.dirname, "../..");
const reprompt = process.env.REPROMPT ?? path.join(root, "bin", "reprompt");
const run = (...args) => execFileSync(reprompt, args, { encoding: "utf8" });
const lines = (text) => text.split("\n").filter(Boolean);

let builder, fresh;

before(async () => {
  const adapter = new WasmParserAdapter(path.join(import.meta.dirname, "node_modules/@cucumber/language-service/dist"));
  await adapter.init();
  builder = new ExpressionBuilder(adapter);
  fresh = mkdtempSync(path.join(tmpdir(), "reprompt-editor-"));
  run("new", "Reader is protected", "--dir", fresh);
});

after(() => rmSync(fresh, { recursive: true, force: true }));

const files = (folder, patterns) => globSync(patterns, { cwd: folder, absolute: true, dot: true });

function expressions(folder) {
  const settings = JSON.parse(readFileSync(path.join(folder, ".vscode", "settings.json"), "utf8"));
  const glue = files(folder, settings["cucumber.glue"]);
  assert.notEqual(glue.length, 0, "the settings name no glue");
  const built = builder.build(
    glue.map((name) => ({ languageName: "go", uri: `file://${name}`, content: readFileSync(name, "utf8") })),
    [],
  );
  assert.deepEqual(built.errors, []);
  const features = files(folder, settings["cucumber.features"]);
  assert.notEqual(features.length, 0, "the settings name no feature");
  return { found: built.expressionLinks.map((link) => link.expression), features };
}

for (const [name, folder] of [["of this repository", () => root], ["of reprompt new", () => fresh]]) {
  test(`the settings ${name} find every sentence`, () => {
    const { found } = expressions(folder());
    const sources = new Set(found.map((expression) => expression.source));
    const sentences = lines(run("steps", "--json")).map((line) => JSON.parse(line));
    assert.ok(sentences.length > 50);
    for (const { pattern } of sentences) assert.ok(sources.has(pattern), `${pattern} is not found`);
  });

  test(`the settings ${name} leave no step undefined`, () => {
    const { found, features } = expressions(folder());
    for (const feature of features) {
      const problems = getGherkinDiagnostics(readFileSync(feature, "utf8"), found);
      assert.deepEqual(problems.map((problem) => `${feature}:${problem.range.start.line + 1}: ${problem.message}`), []);
    }
  });
}

test("an undefined step is seen", () => {
  const { found } = expressions(root);
  const problems = getGherkinDiagnostics("Feature: x\n  Scenario: y\n    Given the moon is made of cheese\n", found);
  assert.equal(problems.length, 1);
});

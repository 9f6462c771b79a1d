/**
 * Imports and exports of the project's files, as the compiler parses them: a comment, a string or an unusual line break is mistaken for
 * nothing.
 */
import { posix, relative } from "node:path";
import { fileURLToPath } from "node:url";
import {
  type BindingName,
  isClassDeclaration,
  isExportAssignment,
  isExportDeclaration,
  isFunctionDeclaration,
  isIdentifier,
  isImportDeclaration,
  isInterfaceDeclaration,
  isLiteralTypeNode,
  isNamedExports,
  isNamedImports,
  isOmittedExpression,
  isStringLiteral,
  isTypeAliasDeclaration,
  isVariableStatement,
  type Node,
  type SourceFile,
  type Statement,
  SyntaxKind,
} from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

/** An import, a re-export, an `import()` or the type of one. */
export type Import = {
  /** A path from the root for a file of ours, else the package's name. */
  readonly from: string;
  /** Names that the other file exports; `"all"` for its whole module. */
  readonly names: readonly string[] | "all";
  /** Whether nothing of the other file runs. */
  readonly typeOnly: boolean;
};

/** A name that a file exports. `from` is the file or package of a re-export. */
export type Export = { readonly name: string; readonly from?: string };

export type Module = { readonly imports: readonly Import[]; readonly exports: readonly Export[] };

const root = fileURLToPath(new URL("..", import.meta.url));

/**
 * Parses the project.
 *
 * @returns Every file of ours that `tsconfig.json` includes, by its path from the root
 */
export function readModules(): ReadonlyMap<string, Module> {
  const compiler = new API({ cwd: root });
  try {
    const config = posix.join(root, "tsconfig.json");
    const program = compiler.updateSnapshot({ openProjects: [config] }).getProject(config)?.program;
    if (program === undefined) throw new Error("The compiler does not open tsconfig.json.");
    const files = program
      .getSourceFileNames()
      .filter((file) => file.startsWith(root) && !file.includes("/node_modules/"));
    return new Map(
      files.map((file) => {
        const parsed = program.getSourceFile(file);
        if (parsed === undefined) throw new Error(`The compiler does not parse ${file}.`);
        const path = relative(root, file);
        return [path, moduleOf(path, parsed)];
      }),
    );
  } finally {
    compiler.close();
  }
}

function moduleOf(path: string, file: SourceFile): Module {
  const fromOf = (specifier: Node): string => {
    const named = isStringLiteral(specifier) ? specifier.text : "";
    return named.startsWith(".") ? posix.join(posix.dirname(path), named) : named;
  };
  return {
    imports: file.imports.map((specifier) => ({ from: fromOf(specifier), ...imported(specifier.parent) })),
    exports: file.statements.flatMap((statement) => exported(statement, fromOf)),
  };
}

/** The names that a statement or expression imports, given the node around its specifier. */
function imported(node: Node): Omit<Import, "from"> {
  if (isImportDeclaration(node)) {
    const clause = node.importClause;
    const bindings = clause?.namedBindings;
    const typeOnly = clause?.phaseModifier === SyntaxKind.TypeKeyword;
    const own = clause?.name === undefined ? [] : ["default"];
    if (bindings === undefined) return { names: own, typeOnly };
    if (!isNamedImports(bindings)) return { names: "all", typeOnly };
    return {
      names: [...own, ...bindings.elements.map(({ propertyName, name }) => (propertyName ?? name).text)],
      typeOnly,
    };
  }
  if (isExportDeclaration(node)) {
    const clause = node.exportClause;
    const names =
      clause !== undefined && isNamedExports(clause)
        ? clause.elements.map(({ propertyName, name }) => (propertyName ?? name).text)
        : "all";
    return { names, typeOnly: node.isTypeOnly };
  }
  return { names: "all", typeOnly: isLiteralTypeNode(node) };
}

function exported(statement: Statement, fromOf: (specifier: Node) => string): Export[] {
  if (isExportAssignment(statement)) return [{ name: "default" }];
  if (isExportDeclaration(statement)) {
    const { exportClause: clause, moduleSpecifier: specifier } = statement;
    const from = specifier === undefined ? {} : { from: fromOf(specifier) };
    if (clause === undefined) return [{ name: "*", ...from }];
    return (isNamedExports(clause) ? clause.elements.map(({ name }) => name) : [clause.name]).map(({ text }) => ({
      name: text,
      ...from,
    }));
  }
  if (isVariableStatement(statement))
    return isExported(statement)
      ? statement.declarationList.declarations.flatMap(({ name }) => namesIn(name)).map((name) => ({ name }))
      : [];
  const isNamed =
    isFunctionDeclaration(statement) ||
    isClassDeclaration(statement) ||
    isInterfaceDeclaration(statement) ||
    isTypeAliasDeclaration(statement);
  if (!isNamed || !isExported(statement)) return [];
  const isDefault = statement.modifiers?.some(({ kind }) => kind === SyntaxKind.DefaultKeyword) === true;
  return [{ name: isDefault ? "default" : (statement.name?.text ?? "") }];
}

function isExported({ modifiers }: { readonly modifiers?: Iterable<Node> }): boolean {
  return [...(modifiers ?? [])].some(({ kind }) => kind === SyntaxKind.ExportKeyword);
}

/** Names of a declaration: one, or those of a pattern. */
function namesIn(name: BindingName): string[] {
  if (isIdentifier(name)) return [name.text];
  return [...name.elements].flatMap((element) =>
    isOmittedExpression(element) || element.name === undefined ? [] : namesIn(element.name),
  );
}

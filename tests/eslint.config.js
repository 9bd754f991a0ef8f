/** Typed lint for the three projects (`src`, `workers`, `tests`), each with its own tsconfig. */
import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import typescript from 'typescript-eslint';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
/** The owners of one-way imports; tests/unit/architecture.spec.ts checks the rest. */
const confused = { checksVoidReturn: { attributes: false, arguments: false } };

export default typescript.config(
  { ignores: ['**/node_modules/', 'dist/', 'tests/.out/', 'tests/fixtures/**/*.json', 'public/models/', '.device/'] },
  ...typescript.configs.recommendedTypeChecked,
  ...svelte.configs.recommended,
  {
    languageOptions: {
      parserOptions: {
        projectService: true,
        tsconfigRootDir: root,
        extraFileExtensions: ['.svelte'],
      },
    },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': ['error', confused],
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { disallowTypeAnnotations: false }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // Interfaces are async by contract even where one implementation has nothing to wait for.
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      eqeqeq: ['error', 'always'],
      'no-console': ['error', { allow: ['warn', 'error'] }],
      // Text of a file, a name or a hub never becomes HTML; the policy of the page says the same to browsers that know it.
      'no-restricted-properties': [
        'error',
        ...['innerHTML', 'outerHTML', 'insertAdjacentHTML', 'setHTMLUnsafe', 'srcdoc', 'createContextualFragment'].map(
          (property) => ({ property, message: 'Text must not become HTML.' }),
        ),
        { object: 'document', property: 'write', message: 'Text must not become HTML.' },
      ],
      'svelte/no-at-html-tags': 'error',
    },
  },
  { files: ['src/**'], languageOptions: { globals: globals.browser } },
  { files: ['workers/**'], languageOptions: { globals: globals.worker } },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: typescript.parser, projectService: true } },
  },
  {
    // Scripts of the tests: plain JavaScript with JSDoc types, on Node.
    files: ['**/*.mjs', '**/*.js'],
    ...typescript.configs.disableTypeChecked,
    languageOptions: {
      parserOptions: { projectService: false },
      globals: { ...globals.node, ...globals.browser },
    },
  },
  { files: ['tests/**'], rules: { 'no-console': 'off' } },
);

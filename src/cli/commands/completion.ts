import { Argument, Command } from 'commander'
import { createOutput } from '../output.js'
import type { Terminal } from '../terminal.js'

const shells = ['bash', 'zsh', 'fish'] as const
type Shell = (typeof shells)[number]

export function completionCommand(terminal: Terminal, program: Command): Command {
  return new Command('completion')
    .summary('print a completion script for bash, zsh or fish')
    .description(
      'print a script that completes commands and options: source it from the start-up file of the shell',
    )
    .addArgument(new Argument('<shell>').choices(shells))
    .action((shell: Shell) => createOutput(terminal).line(scripts[shell](wordsOf(program)).trimEnd()))
}

/** What may follow each command; the key '' is the program itself. */
type Words = ReadonlyMap<string, readonly string[]>

function wordsOf(program: Command): Words {
  const options = (command: Command): string[] => command.options.flatMap(({ long }) => long ?? [])
  const names = program.commands.map((command) => command.name())
  const perCommand = program.commands.map((command): [string, string[]] => [
    command.name(),
    [...options(command), '--help'],
  ])
  return new Map([['', [...names, 'help', ...options(program)]], ...perCommand])
}

const scripts: { readonly [S in Shell]: (words: Words) => string } = {
  bash: (words) => `# source <(strongroom completion bash)
_strongroom() {
  local words
  case "\${COMP_WORDS[1]}" in
${caseLines(words, (list) => `words='${list}'`)}
  esac
  [ "$COMP_CWORD" -eq 1 ] && words='${words.get('')?.join(' ')}'
  COMPREPLY=($(compgen -W "$words" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _strongroom strongroom
`,
  zsh: (words) => `#compdef strongroom
# source <(strongroom completion zsh)
_strongroom() {
  if (( CURRENT == 2 )); then compadd -- ${words.get('')?.join(' ')}; return; fi
  case "$words[2]" in
${caseLines(words, (list) => `compadd -- ${list}`)}
  esac
  _files
}
compdef _strongroom strongroom
`,
  fish: (words) =>
    [...words]
      .map(([command, list]) => {
        const when = command === '' ? '__fish_use_subcommand' : `__fish_seen_subcommand_from ${command}`
        return `complete -c strongroom -n '${when}' -a '${list.join(' ')}'\n`
      })
      .join(''),
}

function caseLines(words: Words, line: (list: string) => string): string {
  return [...words]
    .filter(([command]) => command !== '')
    .map(([command, list]) => `    ${command}) ${line(list.join(' '))} ;;`)
    .join('\n')
}

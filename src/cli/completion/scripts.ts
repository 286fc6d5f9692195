/** Shells for which there is a completion script. */
export const SHELLS = ["bash", "zsh", "fish"] as const;
export type Shell = (typeof SHELLS)[number];

/** The script that a shell evaluates once; it asks the program itself what to offer at each key press. */
export const COMPLETION_SCRIPTS: Readonly<Record<Shell, string>> = {
  bash: `# Completion of berth for bash. Load it with: source <(berth completion bash)
_berth() {
  local current=\${COMP_WORDS[COMP_CWORD]} line value
  COMPREPLY=()
  while IFS= read -r line; do
    case $line in
      :files) compopt -o default 2>/dev/null; return ;;
      :folders) compopt -o dirnames 2>/dev/null; return ;;
    esac
    value=\${line%%$'\\t'*}
    # bash completes what stands behind the sign of --option=value on its own.
    if [[ $current == = || \${COMP_WORDS[COMP_CWORD-1]} == = ]]; then value=\${value#*=}; fi
    [[ -n $value ]] && COMPREPLY+=("$value")
  done < <(command berth __complete -- "\${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null </dev/null)
}
complete -F _berth berth
`,
  zsh: `#compdef berth
# Completion of berth for zsh. Load it with: source <(berth completion zsh), after compinit.
_berth() {
  local line
  local -a offered
  for line in "\${(@f)$(command berth __complete -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}"; do
    case $line in
      :files) _files; return ;;
      :folders) _files -/; return ;;
      *$'\\t') offered+=("\${\${line%$'\\t'}//:/\\\\:}") ;;
      ?*) offered+=("\${\${line%%$'\\t'*}//:/\\\\:}:\${line#*$'\\t'}") ;;
    esac
  done
  _describe -V berth offered
}
if [[ \${funcstack[1]} == _berth ]]; then _berth "$@"; else compdef _berth berth; fi
`,
  fish: `# Completion of berth for fish. Load it with: berth completion fish | source
function __berth_complete
    set -l words (commandline -opc)
    set -l current (commandline -ct)
    set -q current[1]; or set current ""
    for line in (command berth __complete -- $words[2..] "$current" 2>/dev/null </dev/null)
        switch $line
            case :files
                __fish_complete_path "$current"
            case :folders
                __fish_complete_directories "$current"
            case '*'
                printf '%s\\n' $line
        end
    end
end
complete -c berth -f -k -a '(__berth_complete)'
`,
};

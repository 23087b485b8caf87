# Completion of metactl for bash: asks the program.
_metactl() {
  local IFS=$'\n'
  COMPREPLY=($(metactl __complete "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null | cut -f1))
  if [ ${#COMPREPLY[@]} -eq 0 ]; then compopt -o default; fi
}
complete -F _metactl metactl

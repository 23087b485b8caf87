# Completion of metactl for bash: asks the program.
_metactl() {
  local IFS=$'\n' i typed=()
  for ((i = 1; i <= COMP_CWORD; i++)); do  # bash takes NAME=VALUE for three words.
    if ((i > 1)) && [[ ${COMP_WORDS[i]} == = || ${COMP_WORDS[i - 1]} == = ]]; then
      typed[-1]+=${COMP_WORDS[i]}
    else
      typed+=("${COMP_WORDS[i]}")
    fi
  done
  COMPREPLY=($(metactl __complete "${typed[@]}" 2>/dev/null | cut -f1))
  if [ ${#COMPREPLY[@]} -eq 0 ]; then compopt -o default; fi
  if [[ ${COMPREPLY[0]} == *[=/] ]]; then compopt -o nospace; fi
}
complete -F _metactl metactl

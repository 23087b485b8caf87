# Completion of metactl for fish: asks the program.
function __metactl_complete
  set -l words (commandline -opc) (commandline -ct)
  metactl __complete $words[2..-1] 2>/dev/null
end
complete -c metactl -a '(__metactl_complete)'

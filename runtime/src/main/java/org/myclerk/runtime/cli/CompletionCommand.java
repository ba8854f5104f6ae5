package org.myclerk.runtime.cli;

import java.util.List;
import java.util.stream.Collectors;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Parameters;

/** Prints the completion script of a shell. */
@Command(name = "completion", description = "Print the completion script for a shell.",
        footer = {"", "bash:  myclerk completion bash > ~/.local/share/bash-completion/completions/myclerk",
            "zsh:   myclerk completion zsh > a folder of $fpath/_myclerk"})
final class CompletionCommand extends Task {

    private static final String BASH = """
            # Completion of myclerk for bash; made by: myclerk completion bash
            _myclerk() {
                local line="${COMP_LINE:0:COMP_POINT}" word command="" skip="" i
                local -a words
                read -ra words <<< "$line"
                [[ $line == *" " ]] && words+=("")
                local current="${words[${#words[@]}-1]}"
                for ((i = 1; i < ${#words[@]} - 1; i++)); do
                    word="${words[i]}"
                    if [[ -n $skip ]]; then skip=""
                    elif [[ $word == --home ]]; then skip=yes
                    elif [[ $word != -* ]]; then command="$word"; break
                    fi
                done
                local options="%2$s"
                case "$command" in
            %3$s
                esac
                COMPREPLY=()
                if [[ $current == -* ]]; then
                    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$current")
                elif [[ -z $command && -z $skip ]]; then
                    mapfile -t COMPREPLY < <(compgen -W "%1$s" -- "$current")
                elif [[ -z $skip ]]; then
                    mapfile -t COMPREPLY < <("${words[0]}" complete -- "${words[@]:1}" 2> /dev/null)
                fi
                if [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *[=.] ]]; then
                    compopt -o nospace
                fi
                if [[ $current == *=* && $COMP_WORDBREAKS == *=* ]]; then
                    COMPREPLY=("${COMPREPLY[@]#"${current%%"${current##*=}"}"}")
                fi
            }
            complete -o default -F _myclerk myclerk
            """;

    private static final String ZSH = """
            #compdef myclerk
            # Completion of myclerk for zsh; made by: myclerk completion zsh
            _myclerk() {
                local word command="" skip="" current="${words[CURRENT]}" options="%2$s"
                local -a found open whole
                for word in "${(@)words[2,CURRENT-1]}"; do
                    if [[ -n $skip ]]; then skip=""
                    elif [[ $word == --home ]]; then skip=yes
                    elif [[ $word != -* ]]; then command="$word"; break
                    fi
                done
                case "$command" in
            %3$s
                esac
                if [[ $current == -* ]]; then
                    found=(${=options})
                elif [[ -z $command && -z $skip ]]; then
                    found=(%1$s)
                elif [[ -z $skip ]]; then
                    found=("${(@f)$("${words[1]}" complete -- "${(@)words[2,CURRENT]}" 2> /dev/null)}")
                fi
                found=("${(@)found:#}")
                if (( ! ${#found} )); then
                    _files
                    return
                fi
                open=("${(@M)found:#*[=.]}")
                whole=("${(@)found:#*[=.]}")
                (( ${#open} )) && compadd -S '' -- "${open[@]}"
                (( ${#whole} )) && compadd -- "${whole[@]}"
            }
            if [[ $funcstack[1] == _myclerk ]]; then
                _myclerk "$@"
            else
                compdef _myclerk myclerk
            fi
            """;

    @Parameters(paramLabel = "bash|zsh", description = "The shell.")
    private String shell;

    @Override
    void run() throws Failure {
        String script = switch (shell) {
            case "bash" -> BASH;
            case "zsh" -> ZSH;
            default -> throw Failure.usage("completion: \"%s\" is neither bash nor zsh".formatted(shell));
        };
        CommandLine all = Main.commandLine(root(), List.of());
        String cases = all.getSubcommands().entrySet().stream().map(entry -> "        %s) options=\"%s\" ;;"
                .formatted(entry.getKey(), options(entry.getValue()))).collect(Collectors.joining("\n"));
        out().print(script.formatted(String.join(" ", all.getSubcommands().keySet()), options(all), cases));
    }

    static String options(CommandLine command) {
        return command.getCommandSpec().options().stream().map(OptionSpec::longestName).sorted()
                .collect(Collectors.joining(" "));
    }
}

package main

import (
	"fmt"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// Run prints a script that completes commands and flags. It is made from the command line itself, so it is never behind.
func (c completionCommand) Run(s *shell) error {
	words := map[string][]string{}
	collect(s.parser.Model.Node, "", words)
	switch c.Shell {
	case "bash":
		s.bash(words)
	case "zsh":
		fmt.Fprint(s.out, "#compdef doppioctl\nautoload -U +X bashcompinit && bashcompinit\n")
		s.bash(words)
	case "fish":
		for _, path := range sortedKeys(words) {
			condition := "__fish_use_subcommand"
			if path != "" {
				condition = "__fish_seen_subcommand_from " + strings.ReplaceAll(path, " ", "; and __fish_seen_subcommand_from ")
			}
			fmt.Fprintf(s.out, "complete -c doppioctl -f -n '%s' -a '%s'\n", condition, strings.Join(words[path], " "))
		}
	}
	return nil
}

// collect gathers for each command path the words that may follow.
func collect(n *kong.Node, path string, words map[string][]string) {
	for _, child := range n.Children {
		if child.Hidden {
			continue
		}
		words[path] = append(words[path], child.Name)
		collect(child, strings.TrimSpace(path+" "+child.Name), words)
	}
	for _, f := range n.Flags {
		if !f.Hidden {
			words[path] = append(words[path], "--"+f.Name)
		}
	}
}

func (s *shell) bash(words map[string][]string) {
	fmt.Fprint(s.out, "_doppioctl() {\n  local word path=\"\" i\n  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=${COMP_WORDS[i]}\n    case \"$path $word\" in\n")
	for _, path := range sortedKeys(words) {
		if path != "" {
			seen := path // "$path $word": the first word follows an empty path
			if !strings.Contains(path, " ") {
				seen = " " + path
			}
			fmt.Fprintf(s.out, "    %q) path=%q ;;\n", seen, path)
		}
	}
	fmt.Fprint(s.out, "    esac\n  done\n  case \"$path\" in\n")
	for _, path := range sortedKeys(words) {
		fmt.Fprintf(s.out, "  %q) COMPREPLY=($(compgen -W %q -- \"${COMP_WORDS[COMP_CWORD]}\")) ;;\n", path, strings.Join(words[path], " "))
	}
	fmt.Fprint(s.out, "  esac\n}\ncomplete -F _doppioctl doppioctl\n")
}

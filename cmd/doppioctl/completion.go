package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCommand struct {
	Shell string `arg:"" help:"bash, zsh or fish." enum:"bash,zsh,fish"`
}

// vocabulary is what can be typed, as the command line itself says.
type vocabulary struct {
	words  map[string][]string // by command path: what may follow
	values map[string][]string // by flag: what it takes, where that is a list
	files  []string            // flags that take a path
	others []string            // flags that take something that nobody can guess
}

// Run prints a script that completes commands, flags and their values. It is made from the command line itself, so it is never
// behind.
func (c completionCommand) Run(s *shell) error {
	v := vocabulary{words: map[string][]string{}, values: map[string][]string{}}
	v.collect(s.parser.Model.Node, "", nil)
	switch c.Shell {
	case "bash":
		s.bash(v)
	case "zsh":
		fmt.Fprint(s.out, "#compdef doppioctl\nautoload -U +X bashcompinit && bashcompinit\n")
		s.bash(v)
	case "fish":
		s.fish(v)
	}
	return nil
}

// collect gathers a command's words, with the flags of those above it.
func (v *vocabulary) collect(n *kong.Node, path string, above []string) {
	flags := slices.Clone(above)
	for _, f := range n.Flags {
		if f.Hidden {
			continue
		}
		name := "--" + f.Name
		flags = append(flags, name)
		switch {
		case f.IsBool():
		case f.Enum != "":
			v.values[name] = strings.Split(f.Enum, ",")
		case f.Tag.Type == "path":
			v.files = append(v.files, name)
		default:
			v.others = append(v.others, name)
		}
	}
	var words []string
	for _, p := range n.Positional {
		if p.Enum != "" {
			words = append(words, strings.Split(p.Enum, ",")...)
		}
	}
	for _, child := range n.Children {
		if !child.Hidden {
			words = append(words, child.Name)
			v.collect(child, strings.TrimSpace(path+" "+child.Name), flags)
		}
	}
	v.words[path] = append(words, flags...)
}

// sorted are a map's keys in order, so that what is printed never changes by chance.
func sorted(m map[string][]string) []string { return slices.Sorted(maps.Keys(m)) }

func (s *shell) bash(v vocabulary) {
	fmt.Fprint(s.out, "_doppioctl() {\n  local word path=\"\" i current=${COMP_WORDS[COMP_CWORD]}\n  case \"${COMP_WORDS[COMP_CWORD-1]}\" in\n")
	for _, flag := range sorted(v.values) {
		fmt.Fprintf(s.out, "  %s) COMPREPLY=($(compgen -W %q -- \"$current\")); return ;;\n", flag, strings.Join(v.values[flag], " "))
	}
	fmt.Fprintf(s.out, "  %s) COMPREPLY=($(compgen -f -- \"$current\")); return ;;\n", strings.Join(v.files, "|"))
	fmt.Fprintf(s.out, "  %s) COMPREPLY=(); return ;;\n  esac\n", strings.Join(v.others, "|"))
	fmt.Fprint(s.out, "  for ((i = 1; i < COMP_CWORD; i++)); do\n    word=${COMP_WORDS[i]}\n    case \"$path $word\" in\n")
	for _, path := range sorted(v.words) {
		if path != "" {
			seen := path // "$path $word": the first word follows an empty path
			if !strings.Contains(path, " ") {
				seen = " " + path
			}
			fmt.Fprintf(s.out, "    %q) path=%q ;;\n", seen, path)
		}
	}
	fmt.Fprint(s.out, "    esac\n  done\n  case \"$path\" in\n")
	for _, path := range sorted(v.words) {
		fmt.Fprintf(s.out, "  %q) COMPREPLY=($(compgen -W %q -- \"$current\")) ;;\n", path, strings.Join(v.words[path], " "))
	}
	fmt.Fprint(s.out, "  esac\n}\ncomplete -F _doppioctl doppioctl\n")
}

func (s *shell) fish(v vocabulary) {
	for _, path := range sorted(v.words) {
		condition := "__fish_use_subcommand"
		if path != "" {
			condition = "__fish_seen_subcommand_from " + strings.ReplaceAll(path, " ", "; and __fish_seen_subcommand_from ")
		}
		fmt.Fprintf(s.out, "complete -c doppioctl -f -n '%s' -a '%s'\n", condition, strings.Join(v.words[path], " "))
	}
	for _, flag := range sorted(v.values) {
		fmt.Fprintf(s.out, "complete -c doppioctl -x -l %s -a '%s'\n", strings.TrimPrefix(flag, "--"), strings.Join(v.values[flag], " "))
	}
	for _, flag := range v.files {
		fmt.Fprintf(s.out, "complete -c doppioctl -r -F -l %s\n", strings.TrimPrefix(flag, "--"))
	}
}

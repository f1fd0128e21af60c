package main

import (
	"maps"
	"slices"
	"strings"
)

// examples stand at the end of each command's help: what people most often want of it.
var examples = map[string]string{
	"": `  doppioctl demo                                  try it, without an account
  doppioctl workspace new "Acme B.V."             make a workspace
  doppioctl connect salesforce "Acme B.V." --login-url https://acme.my.salesforce.com --client-id 3MVG9…
  doppioctl connect marketo "Acme B.V." --base-url https://123-ABC-456.mktorest.com/rest --client-id 1a2b…
  doppioctl check "Acme B.V."                     what the two users may do
  doppioctl sync "Acme B.V." --rehearse           what would happen
  doppioctl mode "Acme B.V." live && doppioctl sync "Acme B.V."
`,
	"demo":               "  doppioctl demo --people 500 --faults hostile --shot dashboard.png\n",
	"sandbox":            "  doppioctl sandbox --people 10000 --print-json\n",
	"workspace":          "  doppioctl workspace list\n",
	"workspace list":     "  doppioctl workspace list --json\n",
	"workspace new":      "  doppioctl workspace new \"Client visit\" --look-only\n",
	"workspace show":     "  doppioctl workspace show \"Acme B.V.\"\n",
	"workspace forget":   "  doppioctl workspace forget \"Client visit\" --yes\n",
	"connect":            "  doppioctl connect marketo \"Acme B.V.\" --base-url https://123-ABC-456.mktorest.com --client-id 1a2b…\n",
	"connect salesforce": "  DOPPIO_SALESFORCE_CLIENT_SECRET=… doppioctl connect salesforce \"Acme B.V.\" \\\n    --login-url https://acme.my.salesforce.com --client-id 3MVG9… --flow client-credentials\n",
	"connect marketo":    "  DOPPIO_MARKETO_CLIENT_SECRET=… doppioctl connect marketo \"Acme B.V.\" \\\n    --base-url https://123-ABC-456.mktorest.com/rest --client-id 1a2b… --daily-calls 50000\n",
	"check":              "  doppioctl check \"Acme B.V.\"\n",
	"mode":               "  doppioctl mode \"Acme B.V.\" rehearse\n",
	"settings":           "  doppioctl settings \"Acme B.V.\" set conflicts=hold every=10m\n",
	"sync":               "  doppioctl sync \"Acme B.V.\" --once --json\n  doppioctl sync \"Acme B.V.\" --every 5m\n",
	"status":             "  doppioctl status \"Acme B.V.\" --json\n",
	"failures":           "  doppioctl failures \"Acme B.V.\"\n",
	"retry":              "  doppioctl retry \"Acme B.V.\" --all\n",
	"holds":              "  doppioctl holds \"Acme B.V.\"\n",
	"resolve":            "  doppioctl resolve \"Acme B.V.\" 12 --take salesforce\n",
	"explain":            "  doppioctl explain \"Acme B.V.\" anna@kade12.example\n",
	"bench":              "  doppioctl bench --people 20000\n",
	"completion":         "  doppioctl completion bash > /etc/bash_completion.d/doppioctl\n",
	"version":            "  doppioctl version --json\n",
}

func exampleOf(path string) string {
	return examples[strings.TrimSpace(strings.TrimPrefix(path, "doppioctl"))]
}

// sortedKeys are a map's keys in order, so that what is printed never changes by chance.
func sortedKeys(m map[string][]string) []string { return slices.Sorted(maps.Keys(m)) }

// Command site builds the documents of this repository as pages, into a folder that any web server, or a
// browser by itself, shows: make site. It is a module of its own, since its Markdown library is nothing that
// the program needs.
//
//	go run . [-docs ../] [-out ../../site]
//
// Headings have the anchors that GitHub gives them, so that one link serves both. Links to documents become
// links to pages; those to other files of the repository lead to it. What a page shows is the document and
// nothing else: no script, nothing from elsewhere.
package main

import (
	"flag"
	"fmt"
	"os"
)

func main() {
	docs := flag.String("docs", "..", "the `DIR` of the documents")
	out := flag.String("out", "../../site", "the `DIR` to write; what is in it is replaced")
	flag.Parse()
	pages, err := build(*docs, *out)
	if err != nil {
		fmt.Fprintln(os.Stderr, "site:", err)
		os.Exit(1)
	}
	fmt.Printf("%d pages in %s; begin with index.html\n", pages, *out)
}

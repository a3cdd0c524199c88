package evidence

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"slices"
	"strings"
)

// NotABundleError says that a folder holds nothing of a bundle.
type NotABundleError struct{ Dir string }

// Error implements error.
func (e *NotABundleError) Error() string {
	return fmt.Sprintf("%s holds no bundle: name the folder of one run, for example evidence-out/20260314T092653Z-7f3a", printable(e.Dir))
}

// Verify verifies the bundle in a folder, offline. Everything that is wrong is in the result; the
// error is a *NotABundleError, or why the folder could not be read at all. The bundle may come from
// anybody: no link in it is followed and nothing outside it is read.
func Verify(dir string, options VerifyOptions) (*Verification, error) {
	f, err := openFolder(dir)
	if err != nil {
		return nil, fmt.Errorf("open the bundle: %w", err)
	}
	defer f.Close()
	entries, err := f.list()
	v := &Verification{
		Schema: VerifySchema, Bundles: []VerifiedBundle{}, Scenarios: []VerifiedScenario{}, Problems: []Problem{}, Remarks: []Problem{},
	}
	c := &checker{folder: f, options: options, out: v, entries: entries, measured: map[string]File{}}
	if err != nil {
		c.problem(NotReadable, "", "the folder cannot be read: %v", err)
	} else if !c.isBundle() {
		return nil, &NotABundleError{dir}
	}
	c.bundle()
	v.conclude()
	return v, nil
}

// checker verifies one bundle.
type checker struct {
	folder
	options VerifyOptions
	out     *Verification
	prefix  string // where the bundle lies in the outermost one; empty or with a slash at its end
	depth   int
	entries []entry         // of this bundle
	known   map[string]File // by the manifest
	// measured are the files of the outermost bundle by their path in it, each measured once.
	measured map[string]File
	run      runRecord
	signer   PublicKey
	about    VerifiedBundle
}

func (c *checker) problem(code, at, format string, args ...any) {
	c.out.Problems = append(c.out.Problems, Problem{code, c.in(at), fmt.Sprintf(format, args...)})
}

func (c *checker) remark(code, at, format string, args ...any) {
	c.out.Remarks = append(c.out.Remarks, Problem{code, c.in(at), fmt.Sprintf(format, args...)})
}

// in is a path of this bundle as the outermost one has it.
func (c *checker) in(at string) string {
	if at == "" {
		return strings.TrimSuffix(c.prefix, "/")
	}
	return c.prefix + at
}

func (c *checker) has(name string) bool {
	_, found := slices.BinarySearchFunc(c.entries, name, func(e entry, name string) int { return strings.Compare(e.path, name) })
	return found
}

func (c *checker) isBundle() bool {
	return c.has(runName) || c.has(manifestName) || c.has(statementName)
}

// bundle verifies everything, in the order in which one thing rests on the other. It goes on where it
// can, so that all that is wrong is named.
func (c *checker) bundle() {
	if !c.readRun() {
		if c.run.State != stateRunning {
			c.files() // at least what is not as it was
		}
		return
	}
	files, ok := c.files()
	c.signatures(files)
	c.timestamp()
	if ok {
		c.parts()
		c.target()
		c.scenarios()
	}
	if c.run.Restored != nil && !*c.run.Restored {
		c.remark(NotRestored, runName, "the tenant could not be restored after the run")
	}
}

// document reads a JSON document of the given schema into a value.
func (c *checker) document(name, schema string, into any) ([]byte, bool) {
	content, err := c.read(name, largestDocument)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		c.problem(FileMissing, name, "it is not there")
		return nil, false
	case err != nil:
		c.problem(NotReadable, name, "%v", err)
		return nil, false
	}
	if err := conforms(schema, content); err != nil {
		c.problem(OfAnotherForm, name, "%v", err)
		return content, false
	}
	if err := json.Unmarshal(content, into); err != nil {
		c.problem(OfAnotherForm, name, "%s", printable(err.Error()))
		return content, false
	}
	return content, true
}

func (c *checker) readRun() bool {
	if _, ok := c.document(runName, "run", &c.run); !ok {
		return false
	}
	c.about = VerifiedBundle{
		Path: c.in(""), ID: c.run.ID, Kind: c.run.Kind, TenantID: c.run.TenantID, Started: c.run.Started, rules: c.run.Rules,
		Signer: Signature{Ephemeral: c.run.Signer.Ephemeral},
	}
	c.out.Bundles = append(c.out.Bundles, c.about)
	if c.run.State != stateFinished {
		c.problem(Unfinished, runName, "the run was cut off before it ended: nothing in it is signed")
		return false
	}
	return true
}

// told keeps what is known about the bundle.
func (c *checker) told(change func(*VerifiedBundle)) {
	for i := range c.out.Bundles {
		if c.out.Bundles[i].Path == c.about.Path {
			change(&c.out.Bundles[i])
		}
	}
}

// files compares what is there with the manifest. The manifest is believed here; the statement
// vouches for it.
func (c *checker) files() ([]File, bool) {
	var m Manifest
	if _, ok := c.document(manifestName, "manifest", &m); !ok {
		return nil, false
	}
	c.known = map[string]File{}
	for i, f := range m.Files {
		if !fs.ValidPath(f.Path) || strings.ContainsAny(f.Path, "\\\x00") || i > 0 && m.Files[i-1].Path >= f.Path || slices.Contains(outside, f.Path) {
			c.problem(OfAnotherForm, manifestName, "it names %q, which no bundle holds, twice, or not in order", printable(f.Path))
			return nil, false
		}
		c.known[f.Path] = f
	}
	c.told(func(b *VerifiedBundle) { b.Files = len(m.Files) })
	buffer := make([]byte, 256<<10)
	for _, e := range c.entries {
		c.file(e, buffer)
	}
	for _, f := range m.Files {
		if !c.has(f.Path) {
			c.problem(FileMissing, f.Path, "the manifest names it, and it is not there")
		}
	}
	return m.Files, true
}

func (c *checker) file(e entry, buffer []byte) {
	want, named := c.known[e.path]
	switch {
	case e.mode.IsDir():
		c.problem(FileAdded, e.path, "it is a folder that holds nothing, which no bundle has")
		return
	case !e.mode.IsRegular():
		c.problem(NotAFile, e.path, "%v", &notRegularError{e.mode})
		return
	case !named && slices.Contains(outside, e.path):
		return
	case !named:
		c.problem(FileAdded, e.path, "it is there, and the manifest does not name it")
		return
	}
	got, measured := c.measured[c.in(e.path)]
	if !measured {
		var err error
		if got, err = c.measure(e.path, want.Size, buffer); err != nil {
			c.problem(FileChanged, e.path, "%v", err)
			return
		}
		got.Path = e.path
		c.measured[c.in(e.path)] = got
	}
	switch {
	case got.Size != want.Size:
		c.problem(FileChanged, e.path, "it has %d bytes, the manifest says %d", got.Size, want.Size)
	case got.SHA256 != want.SHA256:
		c.problem(FileChanged, e.path, "its content is another one than the manifest says")
	}
}

// target derives the target again. That of a bundle that holds others is the least real of theirs.
func (c *checker) target() {
	var derived Target
	if c.run.Kind == KindMerge || c.run.Kind == KindAttachLog {
		derived = leastReal(c.partTargets())
	} else {
		derived = TargetOf(c.run.Chains, c.run.TestClock, c.run.Started)
	}
	c.told(func(b *VerifiedBundle) { b.Target = derived })
	if derived != c.run.Target {
		c.problem(TargetDiffers, runName, "it says that the run was made against %q; the recorded certificates say %q", c.run.Target, derived)
	}
	switch {
	case c.prefix != "": // the outermost says it once
	case derived == Embedded:
		c.remark(EmbeddedTenant, "", "THIS WAS MADE AGAINST THE EMBEDDED TENANT THAT REPROMPT EMULATES: it says nothing about any real tenant")
	case derived == TenantBehindPrivateCA && len(c.run.Chains) == 0 && len(c.run.Parts) == 0:
		c.remark(NoChainRecorded, "", "no certificate of a sign-in or Graph host was recorded: nothing shows against which tenant this was made")
	case derived == TenantBehindPrivateCA:
		c.remark(PrivateAuthority, "", "not every host presented a certificate of a public authority: whoever holds that authority could have read or changed what was seen")
	}
}

func (c *checker) partTargets() []Target {
	var targets []Target
	for _, b := range c.out.Bundles {
		if dir := path.Dir(path.Dir(b.Path)); b.Path != "" && (dir == c.in("") || dir == "." && c.prefix == "") {
			targets = append(targets, b.Target)
		}
	}
	return targets
}

func leastReal(targets []Target) Target {
	for _, least := range []Target{Embedded, TenantBehindPrivateCA, Tenant} {
		if slices.Contains(targets, least) {
			return least
		}
	}
	return TenantBehindPrivateCA
}

// sameJSON reports whether two values are written the same.
func sameJSON(a, b any) bool {
	left, err := json.Marshal(a)
	if err != nil {
		return false
	}
	right, err := json.Marshal(b)
	return err == nil && bytes.Equal(left, right)
}

package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"strings"

	"youyue/app/draw"
	"youyue/models"
)

type drawCmd struct {
	Order  drawOrderCmd  `cmd:"" help:"Print H, C, the seed and the order of a list."`
	Verify drawVerifyCmd `cmd:"" help:"Replay a draw from its downloaded file."`
}

type drawOrderCmd struct {
	List   string `required:"" placeholder:"FILE" help:"Ids, one a line."`
	Secret string `required:"" placeholder:"HEX" help:"The secret, in lower-case hex."`
	Beacon string `required:"" placeholder:"TEXT" help:"The public value."`
	Try    int    `short:"k" help:"The number of the try, 0 without conditions."`
}

// Run needs no configuration and no database.
func (o drawOrderCmd) Run() error {
	text, err := os.ReadFile(o.List)
	if err != nil {
		return err
	}
	ids := strings.Fields(string(text))
	for i, id := range ids {
		if !models.ValidDrawID(id) {
			return fmt.Errorf("%s: line %d: an id is 1 to %d characters of printable ASCII", o.List, i+1, models.MaxDrawID)
		}
	}
	h := models.DrawListHash(ids)
	seed := models.DrawSeed(h, o.Secret, o.Beacon, o.Try)
	fmt.Printf("H       %s\nC       %s\nseed(%d) %s\n", h, models.DrawCommitment(o.Secret), o.Try, seed)
	for _, id := range models.DrawOrder(ids, seed) {
		fmt.Println(id)
	}
	return nil
}

type drawVerifyCmd struct {
	File string `arg:"" help:"The file, as the draw's page offers it."`
}

// errReplay: the file does not hold what it says.
var errReplay = errors.New("the replay does not agree with the file")

// Run needs no configuration and no database: what the file says is computed anew.
func (v drawVerifyCmd) Run() error {
	text, err := os.ReadFile(v.File)
	if err != nil {
		return err
	}
	var f draw.File
	if err := json.Unmarshal(text, &f); err != nil {
		return fmt.Errorf("%s: %w", v.File, err)
	}
	good := true
	for _, c := range draw.Verify(f) {
		word := "ok   "
		if !c.OK {
			word, good = "WRONG", false
		}
		fmt.Printf("%s %-10s %s\n", word, c.Name, c.Got)
		if !c.OK {
			fmt.Printf("      the file   %s\n", c.Said)
		}
	}
	if !good {
		return errReplay
	}
	if f.State != string(models.DrawDrawn) {
		fmt.Printf("the draw is %s: there is no order to replay\n", f.State)
	}
	return nil
}

//go:build ignore

// What gopacket takes to decode the OSPFv3 packets on standard input, one per line in hexadecimal.
// Prints nanoseconds for a round over those it can decode, then the numbers of those lines: some
// valid packets make it panic, and none is verified. Started by bench/codec.ts where Go has
// gopacket (Debian: golang-go, golang-github-google-gopacket-dev).
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"time"

	"github.com/google/gopacket"
	"github.com/google/gopacket/layers"
)

func decode(octets []byte) (good bool) {
	defer func() {
		if recover() != nil {
			good = false
		}
	}()
	var ospf layers.OSPFv3
	return ospf.DecodeFromBytes(octets, gopacket.NilDecodeFeedback) == nil
}

func main() {
	var packets [][]byte
	var numbers []int
	lines := bufio.NewScanner(os.Stdin)
	lines.Buffer(make([]byte, 1<<20), 1<<20)
	for number := 0; lines.Scan(); number++ {
		octets, err := hex.DecodeString(lines.Text())
		if err != nil {
			panic(err)
		}
		if decode(octets) {
			packets = append(packets, octets)
			numbers = append(numbers, number)
		}
	}
	best := time.Duration(1 << 62)
	for round := 0; round < 50; round++ {
		from := time.Now()
		for _, octets := range packets {
			var ospf layers.OSPFv3
			if ospf.DecodeFromBytes(octets, gopacket.NilDecodeFeedback) != nil {
				panic("decoded before")
			}
		}
		if took := time.Since(from); took < best {
			best = took
		}
	}
	fmt.Println(best.Nanoseconds())
	for _, number := range numbers {
		fmt.Println(number)
	}
}

//go:build ignore

// What gopacket takes to decode the OSPFv3 packets on standard input, one per line in hexadecimal.
// Prints the median of nanoseconds for a round over those it can decode, then the numbers of those lines: some
// valid packets make it panic, and none is verified. Started by bench/codec.ts where Go has
// gopacket (Debian: golang-go, golang-github-google-gopacket-dev).
package main

import (
	"bufio"
	"encoding/hex"
	"fmt"
	"os"
	"sort"
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
	rounds := make([]int, 0, 201)
	for round := 0; round < cap(rounds); round++ {
		from := time.Now()
		for _, octets := range packets {
			var ospf layers.OSPFv3
			if ospf.DecodeFromBytes(octets, gopacket.NilDecodeFeedback) != nil {
				panic("decoded before")
			}
		}
		rounds = append(rounds, int(time.Since(from).Nanoseconds()))
	}
	sort.Ints(rounds)
	fmt.Println(rounds[len(rounds)/2])
	for _, number := range numbers {
		fmt.Println(number)
	}
}

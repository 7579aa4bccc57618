import OrderedJSON
import Testing

@Suite struct JSONTextTests {
    /// Every byte at every place of a word and beyond, after bytes of every kind.
    @Test(arguments: [UInt8(0x20), 0x21, 0x23, 0x5B, 0x5D, 0x7F, 0x80, 0xA2, 0xDC, 0xFF])
    func endsAtWhatAStringCannotHave(filling: UInt8) {
        for length in 0..<20 {
            for place in 0..<max(length, 1) {
                for byte in UInt8.min...UInt8.max {
                    var text = [UInt8](repeating: filling, count: length)
                    if place < length { text[place] = byte }
                    let isSpecial = byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                    let expected = isSpecial && place < length ? place : length
                    let found = text.withUnsafeBufferPointer { JSONText.endOfPlain(in: $0, from: 0) }
                    guard found == expected else {
                        Issue.record("\(byte) at \(place) of \(length): \(found)")
                        return
                    }
                }
            }
        }
    }

    @Test func findsTheFirstOfSeveral() {
        let text = Array("ab\u{1}\"\\cdefghijklmnop\"".utf8)
        let ends = (0...text.count).map { start in
            text.withUnsafeBufferPointer { JSONText.endOfPlain(in: $0, from: start) }
        }
        let expected = (0...text.count).map { start in
            text[start...].firstIndex { $0 < 0x20 || $0 == 0x22 || $0 == 0x5C } ?? text.count
        }
        #expect(ends == expected)
    }
}

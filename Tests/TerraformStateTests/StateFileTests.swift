import OrderedJSON
import TerraformState
import Testing

@Suite struct StateFileTests {
    private static let text = """
        {
          "version": 4,
          "terraform_version": "1.11.4",
          "serial": 41,
          "lineage": "0f3a6e4c-0000-4000-8000-000000000001",
          "outputs": {"a": {"value": "}\\"", "type": "string"}, "b": {"value": 1, "type": "number"}},
          "resources": [
            {"mode": "managed", "type": "t", "name": "x", "instances": [{"attributes": {"serial": 7}}, {}]},
            {"mode": "data", "type": "t", "name": "y", "instances": [{}]}
          ],
          "check_results": null
        }

        """

    private func code(_ text: String) -> StateFileError.Code? {
        do throws(StateFileError) {
            _ = try StateFile(Array(text.utf8))
            return nil
        } catch {
            return error.code
        }
    }

    @Test func readsTheHead() throws {
        let state = try StateFile(Array(Self.text.utf8))
        #expect(state.serial == 41)
        #expect(state.lineage == "0f3a6e4c-0000-4000-8000-000000000001")
        #expect(state.engineVersion == "1.11.4")
        #expect(!state.isEncrypted)
    }

    @Test func counts() throws {
        let counts = try StateFile(Array(Self.text.utf8)).counts()
        #expect(counts.resources == 1)
        #expect(counts.dataSources == 1)
        #expect(counts.instances == 2)
        #expect(counts.outputs == 2)
    }

    @Test(arguments: [0, 9, 42, UInt64.max])
    func changesTheDigitsOfTheSerialOnly(serial: UInt64) throws {
        let changed = try StateFile(Array(Self.text.utf8)).withSerial(serial)
        #expect(changed.serial == serial)
        let expected = Self.text.replacing(#""serial": 41"#, with: #""serial": \#(serial)"#)
        #expect(String(decoding: changed.bytes, as: UTF8.self) == expected)
    }

    /// Whatever surrounds the serial, its digits are found, and nothing else is touched.
    @Test(arguments: [
        #"{"version":4,"lineage":"l","outputs":{"serial":{"value":"\"serial\": 5","type":"string"}},"serial":5}"#,
        #"{"serial":5,"resources":[{"serial":5,"x":"{\"serial\":5}"}],"version":4,"lineage":"serial: 5,"}"#,
        "\r\n{\r\n  \"version\" :\t4,\r\n  \"serial\" :\r\n\r\n  5\r\n,  \"lineage\":\"l\"}\r\n \t",
        #"{"version":4,"\u0073erial":5,"lineage":"l"}"#, #"{"version":4,"lineage":"\\","serial":5 }"#,
        #"{"version":4,"lineage":"l","x":{"y":[[5,{"serial":6}]]},"check_results":null,"serial":5}"#,
    ])
    func findsTheSerialWhereverItStands(_ text: String) throws {
        let state = try StateFile(Array(text.utf8))
        #expect(state.serial == 5)
        for serial in [6, 10, UInt64.max] {
            let changed = try state.withSerial(serial)
            #expect(changed.serial == serial)
            #expect(changed.lineage == state.lineage)
            #expect(changed.bytes.count == state.bytes.count + "\(serial)".utf8.count - 1)
            #expect(try changed.withSerial(5).bytes == state.bytes)
            let (old, new) = (try JSON(parsing: state.bytes), try JSON(parsing: changed.bytes))
            for key in ["version", "lineage", "outputs", "resources", "x", "check_results"] {
                #expect(old[key] == new[key])
            }
        }
    }

    @Test func recognisesAnEncryptedState() throws {
        let text = #"{"serial":3,"lineage":"l","meta":{"k":"v"},"encrypted_data":"aGk=","encryption_version":"v0"}"#
        let state = try StateFile(Array(text.utf8))
        #expect(state.isEncrypted)
        #expect(state.serial == 3)
        #expect(state.lineage == "l")
        #expect(#expect(throws: StateFileError.self) { try state.counts() }?.code == .encrypted)
        #expect(#expect(throws: StateFileError.self) { try state.withSerial(4) }?.code == .encrypted)
    }

    @Test(arguments: [
        (#"{"version":3,"serial":1,"lineage":"l"}"#, StateFileError.Code.unsupportedVersion(3)),
        (#"{"version":5,"serial":1,"lineage":"l"}"#, .unsupportedVersion(5)),
        (#"{"version":4,"serial":1}"#, .notState), (#"{"version":4,"lineage":"l"}"#, .notState),
        (#"{"version":4,"serial":-1,"lineage":"l"}"#, .notState),
        (#"{"version":4,"serial":"1","lineage":"l"}"#, .notState),
        (#"{"version":4,"serial":1.5,"lineage":"l"}"#, .notState), ("{}", .notState), ("[]", .notState),
        ("null", .notState), (#"{"a":1}"#, .notState), ("", .notJSON(offset: 0)), ("{", .notJSON(offset: 1)),
        (#"{"version":4,"serial":1,"lineage":"l"}x"#, .notJSON(offset: 38)),
        (#"{"version":4,"serial":1,"lineage":"l","serial":2}"#, .ambiguous("serial")),
        (#"{"version":4,"serial":1,"lineage":"l","Serial":2}"#, .ambiguous("serial")),
        (#"{"version":4,"SERIAL":1,"lineage":"l","\u0073erial":2}"#, .ambiguous("serial")),
        (#"{"version":4,"Serial":1,"lineage":"l"}"#, .notState),
        (#"{"version":4,"serial":1e2,"lineage":"l"}"#, .notState),
        (#"{"version":4,"serial":18446744073709551616,"lineage":"l"}"#, .notState),
        (#"{"version":4,"serial":007,"lineage":"l"}"#, .notJSON(offset: 22)),
        (#"{"version":4,"serial":+1,"lineage":"l"}"#, .notJSON(offset: 22)),
        (#"{"version":4,"serial":1,"lineage":"l","x":nan}"#, .notJSON(offset: 42)),
        (#"{"version":4,"serial":1,"lineage":"l","x":1.}"#, .notJSON(offset: 42)),
        (#"{"version":4,"serial":1,"lineage":"l","x":-}"#, .notJSON(offset: 42)),
        (#"{"version":4,"serial":1,"lineage":"l","x":1e}"#, .notJSON(offset: 42)),
        ("\u{FEFF}{\"version\":4,\"serial\":1,\"lineage\":\"l\"}", .notJSON(offset: 0)),
        (#"{"version":4,"serial":1,"lineage":"l","x":tru}"#, .notJSON(offset: 42)),
        (#"{"version":4,"serial":1,"lineage":"l","x":[1,]}"#, .notJSON(offset: 45)), ("<html>", .notJSON(offset: 0)),
    ])
    func refusesWhatIsNoState(_ text: String, expected: StateFileError.Code) {
        #expect(code(text) == expected)
    }

    @Test func everyCutIsNoticed() {
        let bytes = Array(Self.text.utf8)
        let end = Self.text.lastIndex(of: "}").map { Self.text.utf8.distance(from: Self.text.startIndex, to: $0) } ?? 0
        for count in 0...end {
            #expect(throws: StateFileError.self) { try StateFile(Array(bytes[..<count])) }
        }
    }

    @Test func isNotExhaustedByDepth() {
        let deep = String(repeating: "[", count: 100_000)
        #expect(code(#"{"version":4,"serial":1,"lineage":"l","x":\#(deep)"#) != nil)
    }
}

@Suite struct LockInfoTests {
    @Test func readsWhatTerraformWrites() throws {
        let text = """
            {"ID":"1b2c","Operation":"OperationTypeApply","Info":"","Who":"root@vm","Version":"1.11.4",\
            "Created":"2026-11-24T22:00:00.123456789Z","Path":""}
            """
        let info = try #require(LockInfo(parsing: text))
        #expect(info.id == "1b2c")
        #expect(info.operation == "OperationTypeApply")
        #expect(info.who == "root@vm")
        #expect(info.json.text == text)
    }

    @Test(arguments: ["", "x", "{}", "[]", #"{"ID":1}"#])
    func isNilForAnythingElse(_ text: String) { #expect(LockInfo(parsing: text) == nil) }

    private func writes(_ created: String) -> Bool {
        LockInfo(id: "1", operation: "x", who: "root@vm", version: "1", created: created).json["Created"]?.string
            == created
    }

    @Test(arguments: [
        "2026-11-24T22:00:00Z", "2026-11-24T22:00:00.1Z", "2024-02-29T23:59:59.123456789+23:59",
        "0000-01-01T00:00:00-00:00",
        "2000-02-29T00:00:00Z",
    ])
    func writesATime(_ created: String) { #expect(writes(created)) }

    /// Go refuses all of the lock info for one of these.
    @Test(arguments: [
        "", "yesterday", "2026-11-30T08302:20.814312438Z", "2026-11-24 22:00:00Z", "2026-11-24T22:00:00",
        "2026-11-24T22:00Z",
        "2026-11-24T22:00:00,1Z", "2026-11-24T22:00:00.Z", "2026-00-24T22:00:00Z", "2026-13-24T22:00:00Z",
        "2026-11-00T22:00:00Z", "2026-11-31T22:00:00Z", "2026-02-29T22:00:00Z", "1900-02-29T22:00:00Z",
        "2026-11-24T24:00:00Z", "2026-11-24T22:60:00Z", "2026-11-24T22:00:60Z", "2026-11-24T22:00:00+24:00",
        "2026-11-24T22:00:00+00:60", "2026-11-24t22:00:00z", "2026-11-2\u{664}T22:00:00Z",
        "2026-11-24\u{308}T22:00:00Z",
    ])
    func leavesOutWhatIsNoTime(_ created: String) { #expect(!writes(created)) }
}

@Suite struct JSONGrammarTests {
    /// What is inside a state must be JSON too, although nobody looks at it.
    @Test(arguments: [
        "nan", "inf", "+1", "01", "1.", ".5", "1e", "0x10", "truer", "tru", "-", "1-2", #""\q""#, #""\u12g4""#,
        #""\u123"#,
        "[1,]", "{\"a\"}", "1 2", "\"a\nb\"",
    ])
    func refusesWhatIsNoValue(_ value: String) {
        let text = #"{"version": 4, "serial": 1, "lineage": "l", "x": \#(value)}"#
        #expect(throws: StateFileError.self) { try StateFile(Array(text.utf8)) }
    }

    @Test(arguments: [
        "0", "-0", "10", "1.50", "1e9", "1E-9", "-1.5e+3", "true", "false", "null", #""\u00e9\n\\\"\/""#, "[]", "{}",
        "[[1], {}]",
    ])
    func takesWhatIsOne(_ value: String) throws {
        let text = #"{"version": 4, "serial": 1, "lineage": "l", "x": \#(value)}"#
        #expect(try StateFile(Array(text.utf8)).serial == 1)
    }
}

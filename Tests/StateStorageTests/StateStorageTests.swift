import StateStorage
import Testing

@Suite struct EnvironmentIDTests {
    @Test func takesAUUIDInLowerCase() throws {
        #expect(
            "\(try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be"))" == "4b41bf32-b337-93a4-ad65-1d565c5e25be")
    }

    @Test func namesTheLowerCaseForm() {
        let error = #expect(throws: EnvironmentIDError.self) {
            try EnvironmentID("4B41BF32-b337-93a4-ad65-1d565c5e25be")
        }
        #expect(error?.code == .upperCase)
        #expect(error?.description.contains("pass 4b41bf32-b337-93a4-ad65-1d565c5e25be") == true)
    }

    @Test(arguments: [
        "", "x", "4b41bf32-b337-93a4-ad65-1d565c5e25b", "4b41bf32-b337-93a4-ad65-1d565c5e25be0",
        "4b41bf32b33793a4ad651d565c5e25be", "4b41bf32-b337-93a4-ad65-1d565c5e25bg",
        "{4b41bf32-b337-93a4-ad65-1d565c5e25b}",
        "4b41bf32-b337-93a4-ad65-1d565c5e25bé", "../../../../../../../../../../../..",
    ])
    func refusesWhatIsNoUUID(_ text: String) {
        let error = #expect(throws: EnvironmentIDError.self) { try EnvironmentID(text) }
        #expect(error?.code == .notUUID)
    }

    @Test(arguments: [
        ("4b41bf32-b337-93a4-ad65-123456789012", true), ("4b41bf32-b337-93a4-ad65-12345678901a", false),
        ("12345678-1234-1234-1234-00000000000a", false),
    ])
    func knowsTheTailThatTerraformRefuses(_ text: String, expected: Bool) throws {
        #expect(try EnvironmentID(text).hasNumericTail == expected)
    }
}

@Suite struct StateNamesTests {
    private let names: StateNames

    init() throws { names = StateNames(try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be")) }

    @Test func areTheEnginesOwn() {
        #expect(names.secret == "tfstate-default-4b41bf32-b337-93a4-ad65-1d565c5e25be")
        #expect(names.lease == "lock-tfstate-default-4b41bf32-b337-93a4-ad65-1d565c5e25be")
        #expect(
            names.labels == [
                "tfstate": "true", "tfstateSecretSuffix": "4b41bf32-b337-93a4-ad65-1d565c5e25be",
                "tfstateWorkspace": "default", "app.kubernetes.io/managed-by": "terraform",
            ])
    }

    @Test(arguments: [
        ("", true), ("-part-1", true), ("-part-12", true), ("-part-0", false), ("-part-01", false),
        ("-part-", false), ("-part-x", false), ("-part--1", false), ("-part-+1", false), ("x", false),
        ("/../other", false),
    ])
    func knowTheirParts(_ suffix: String, expected: Bool) {
        #expect(names.isStateSecret(names.secret + suffix) == expected)
    }
}

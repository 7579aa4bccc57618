import StateStorage
import Testing

@testable import Runner

@Suite struct EngineArgumentsTests {
    private func arguments(
        _ operation: RunRequest.Operation, hasColours: Bool = false, _ change: (inout RunRequest) -> Void = { _ in }
    ) throws -> EngineArguments {
        var request = RunRequest(
            operation: operation, environment: try EnvironmentID("4b41bf32-b337-93a4-ad65-1d565c5e25be"),
            namespace: "n", module: "/m")
        change(&request)
        return EngineArguments(request: request, hasColours: hasColours)
    }

    @Test func neverAsksAndHasColoursOnlyWhereTheyAreSeen() throws {
        #expect(try arguments(.plan).initialise() == ["init", "-input=false", "-no-color"])
        #expect(try arguments(.plan).operation == ["plan", "-input=false", "-no-color"])
        #expect(try arguments(.apply).operation == ["apply", "-input=false", "-no-color", "-auto-approve"])
        #expect(try arguments(.destroy, hasColours: true).operation == ["destroy", "-input=false", "-auto-approve"])
        #expect(
            try arguments(.refresh, hasColours: true).operation
                == ["apply", "-input=false", "-auto-approve", "-refresh-only"])
    }

    @Test func givesTheEngineItsOptions() throws {
        let plan = try arguments(.plan, hasColours: true) {
            $0.wait = .seconds(5)
            $0.options.parallelism = 3
            $0.options.targets = ["a.b", "module.c"]
            $0.options.replacements = [#"a.b["x"]"#]
            $0.options.refreshes = false
            $0.options.destroys = true
            $0.options.further = ["-compact-warnings"]
            $0.detailsExitStatus = true
        }
        #expect(
            plan.operation == [
                "plan", "-input=false", "-lock-timeout=5000ms", "-parallelism=3", "-target=a.b", "-target=module.c",
                #"-replace=a.b["x"]"#, "-refresh=false", "-destroy", "-detailed-exitcode", "-compact-warnings",
            ])
        #expect(plan.initialise() == ["init", "-input=false", "-lock-timeout=5000ms"])
    }

    @Test func savesAPlanAndAppliesIt() throws {
        var plan = try arguments(.plan, hasColours: true)
        plan.planPath = "/run/plan"
        #expect(plan.operation == ["plan", "-input=false", "-out=/run/plan"])
        var apply = try arguments(.apply, hasColours: true) { $0.options.further = ["-compact-warnings"] }
        apply.planPath = "/run/plan"
        #expect(apply.operation == ["apply", "-input=false", "-compact-warnings", "/run/plan"])
    }

    @Test func asksForJSONWhereTheEngineHasIt() throws {
        var apply = try arguments(.apply, hasColours: true)
        apply.isJSON = true
        #expect(apply.operation == ["apply", "-input=false", "-json", "-auto-approve"])
        #expect(apply.initialise(isJSON: true) == ["init", "-input=false", "-json"])
        #expect(apply.initialise(isJSON: false) == ["init", "-input=false"])
        for (number, isKnown) in [
            ("1.8.5", false), ("1.9.0", true), ("1.11.4", true), ("2.0.0-rc1", true), ("x", false),
        ] {
            #expect(EngineVersion(name: "terraform", number: number).initialisesInJSON == isKnown)
        }
    }

    @Test func noValueOfAVariableIsOnACommandLine() throws {
        let apply = try arguments(.apply) { $0.variables = [.value("password=hunter2"), .file("/secret")] }
        #expect(!apply.operation.contains { $0.contains("hunter2") || $0.contains("secret") })
    }

    @Test(arguments: [
        "-state=x", "--state-out=x", "-backend-config=x", "-chdir=/x", "-lock=false", "-input=true", "-auto-approve",
        "-out=x", "-json", "-var=a=b", "-destroy", "-refresh-only", "-reconfigure", "-migrate-state",
    ])
    func refusesWhatLeadsElsewhereOrIsTheRunsOwn(_ option: String) {
        var options = EngineOptions()
        options.further = ["-compact-warnings", option]
        let error = #expect(throws: RunError.self) { try options.check() }
        #expect(error?.code == .options)
        #expect(error?.description.contains(" -\(option.drop { $0 == "-" }.prefix { $0 != "=" }) ") == true)
    }

    @Test(arguments: ["plan.out", "hunter2", "---x", "-", "=x"])
    func refusesWhatIsNoOptionWithoutRepeatingIt(_ word: String) {
        var options = EngineOptions()
        options.further = ["-compact-warnings", word]
        let error = #expect(throws: RunError.self) { try options.check() }
        #expect(error?.description.contains("place 2") == true)
        #expect(error?.description.contains("hunter2") == false)
    }

    @Test func letsOtherOptionsThrough() throws {
        var options = EngineOptions()
        options.further = ["-compact-warnings", "--concise", "-generate-config-out=/tmp/x.tf", "-parallelism=2"]
        try options.check()
    }
}

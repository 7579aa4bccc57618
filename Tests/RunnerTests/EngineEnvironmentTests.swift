import Testing

@testable import Runner

@Suite struct EngineEnvironmentTests {
    private func environment(
        _ user: [String: String] = [:], hasLockFile: Bool = true, _ variables: [EngineVariable] = []
    ) -> EngineEnvironment {
        EngineEnvironment(user: user, pluginCache: "/cache", hasLockFile: hasLockFile, variables: variables)
    }

    @Test func keepsTheUsersVariablesButThoseThatLeadElsewhere() {
        let user = ["HOME": "/h", "TF_DATA_DIR": "/d", "KUBE_PROXY_URL": "http://p", "KUBE_HOST": "h", "TF_LOG": "x"]
        let variables = environment(user).variables(for: "plan")
        #expect(variables["HOME"] == "/h")
        #expect(variables["TF_LOG"] == "x")
        #expect(variables["KUBE_HOST"] == "h")
        #expect(variables["TF_DATA_DIR"] == nil)
        #expect(variables["KUBE_PROXY_URL"] == nil)
        #expect(variables["TF_INPUT"] == "0")
        #expect(variables["TF_PLUGIN_CACHE_DIR"] == "/cache")
    }

    @Test func theLockFileDecidesAboutTheCache() {
        let name = "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE"
        #expect(environment(hasLockFile: true).variables(for: "init")[name] == nil)
        #expect(environment(hasLockFile: false).variables(for: "init")[name] == "1")
    }

    @Test func variablesFollowTheUsersOwnOptionsInOrder() {
        let variables = environment(
            ["TF_CLI_ARGS_plan": "-no-color"], [.file("/a b.tfvars"), .value("x=it's $HOME `id`")]
        ).variables(for: "plan")
        #expect(variables["TF_CLI_ARGS_plan"] == #"-no-color -var-file '/a b.tfvars' -var 'x=it'\''s $HOME `id`'"#)
    }

    @Test func theBackendsVariablesWinOverTheUsers() {
        var engine = environment(["TF_HTTP_ADDRESS": "theirs", "TF_HTTP_RETRY_MAX": "9"])
        engine.backend = ["TF_HTTP_ADDRESS": "ours"]
        #expect(engine.variables(for: "plan")["TF_HTTP_ADDRESS"] == "ours")
        #expect(engine.variables(for: "plan")["TF_HTTP_RETRY_MAX"] == "9")
    }

    @Test func setsNothingWithoutVariables() {
        #expect(environment().variables(for: "plan")["TF_CLI_ARGS_plan"] == nil)
    }

    @Test(arguments: [
        ("TF_CLI_ARGS_init", "-backend-config=secret_suffix=x"), ("TF_CLI_ARGS_init", "-no-color --migrate-state"),
        ("TF_CLI_ARGS", "-lock=false"), ("TF_CLI_ARGS_apply", "'-state=x'"), ("TF_CLI_ARGS", "-chdir=/x"),
        ("TF_CLI_ARGS_init", "-force-copy"), ("TF_CLI_ARGS_plan", "-state-out=x"), ("TF_CLI_ARGS_init", "-reconfigure"),
    ])
    func refusesOptionsThatLeadToAnotherState(_ name: String, _ value: String) {
        let error = #expect(throws: RunError.self) { try EngineEnvironment.checkOptions([name: value]) }
        #expect(error?.code == .options)
        #expect(error?.description.contains(name) == true)
    }

    @Test(arguments: ["-no-color", "-lock-timeout=5s", "-parallelism=3 -compact-warnings", "-var state=x", ""])
    func letsOtherOptionsThrough(_ value: String) throws {
        try EngineEnvironment.checkOptions(["TF_CLI_ARGS_plan": value, "OTHER": "-backend=x"])
    }

    @Test func refusesAnotherWorkspace() throws {
        let error = #expect(throws: RunError.self) { try EngineEnvironment.checkWorkspace(["TF_WORKSPACE": "dev"]) }
        #expect(error?.code == .workspace)
        try EngineEnvironment.checkWorkspace(["TF_WORKSPACE": "default"])
        try EngineEnvironment.checkWorkspace(["TF_WORKSPACE": ""])
    }
}

@testable import EmbeddedCluster
import OrderedJSON
import Testing

private let start = Timestamp(seconds: 1_800_000_000)

private func job(_ spec: JSON = [:], status: JSON = ["startTime": .string(start.text)]) -> JSON {
    var members = spec.object ?? [:]
    if members["backoffLimit"] == nil { members["backoffLimit"] = 6 }
    if members["parallelism"] == nil { members["parallelism"] = 1 }
    if members["completions"] == nil { members["completions"] = 1 }
    return ["metadata": ["name": "one", "uid": "u"], "spec": .object(members), "status": status]
}

private func pod(_ uid: String, _ phase: String, ended: Timestamp = start, restarts: Int = 0) -> JSON {
    [
        "metadata": ["name": .string(uid), "uid": .string(uid), "creationTimestamp": .string(start.text)],
        "status": [
            "phase": .string(phase),
            "containerStatuses": [
                [
                    "restartCount": .number(JSONNumber(restarts)),
                    "state": ["terminated": ["finishedAt": .string(ended.text)]],
                ]
            ],
        ],
    ]
}

private func plan(_ job: JSON, _ pods: [JSON], at now: Timestamp = start) -> JobPlan {
    JobPlan(job, JobPods(job, pods, tally: nil), now: now)
}

extension JobPlan {
    fileprivate func condition(_ type: String) -> JSON? {
        status.elements("conditions").first { $0["type"]?.string == type }
    }
}

@Suite struct JobPlanTests {
    @Test func beginsWithAPod() {
        let plan = plan(job(status: [:]), [])
        #expect(plan.podsToCreate == 1)
        #expect(plan.status["startTime"]?.string == start.text)
    }

    @Test func runsAsManyAtOnceAsItSaysAndNoMoreThanAreMissing() {
        #expect(plan(job(["parallelism": 3, "completions": 5]), []).podsToCreate == 3)
        #expect(plan(job(["parallelism": 3, "completions": 5]), [pod("a", "Running")]).podsToCreate == 2)
        let done = (1...4).map { pod("\($0)", "Succeeded") }
        #expect(plan(job(["parallelism": 3, "completions": 5]), done).podsToCreate == 1)
    }

    @Test func isCompleteWhenEnoughSucceeded() {
        let plan = plan(job(), [pod("a", "Succeeded")])
        #expect(plan.podsToCreate == 0)
        #expect(plan.status["succeeded"] == 1)
        #expect(plan.condition("SuccessCriteriaMet")?["reason"] == "CompletionsReached")
        #expect(plan.condition("Complete")?["message"] == "Reached expected number of succeeded pods")
        #expect(plan.status["completionTime"]?.string == start.text)
        #expect(plan.happenings.map(\.reason) == ["Completed"])
    }

    @Test func waitsAfterFailuresTwiceAsLongEachTime() {
        let ended = start + .seconds(100)
        let one = plan(job(), [pod("a", "Failed", ended: ended)], at: ended)
        #expect(one.podsToCreate == 0)
        #expect(one.next == ended + .seconds(10))
        #expect(plan(job(), [pod("a", "Failed", ended: ended)], at: ended + .seconds(10)).podsToCreate == 1)
        let three = (1...3).map { pod("\($0)", "Failed", ended: ended) }
        #expect(plan(job(), three, at: ended).next == ended + .seconds(40))
    }

    @Test func failsWhenThereAreMoreFailuresThanItAllows() {
        let within = plan(job(["backoffLimit": 1]), [pod("a", "Failed")], at: start + .seconds(60))
        #expect(within.podsToCreate == 1)
        let beyond = plan(job(["backoffLimit": 1]), [pod("a", "Failed"), pod("b", "Failed")])
        #expect(beyond.condition("Failed")?["reason"] == "BackoffLimitExceeded")
        #expect(beyond.condition("Failed")?["message"] == "Job has reached the specified backoff limit")
        #expect(beyond.status["failed"] == 2)
        #expect(beyond.status["completionTime"] == nil)
        #expect(
            beyond.happenings == [
                JobPlan.Happening(
                    isWarning: true, reason: "BackoffLimitExceeded",
                    message: "Job has reached the specified backoff limit")
            ])
    }

    @Test func isFailedOnlyWhenItsPodsHaveEnded() {
        let plan = plan(job(["activeDeadlineSeconds": 5]), [pod("a", "Running")], at: start + .seconds(5))
        #expect(plan.condition("FailureTarget")?["reason"] == "DeadlineExceeded")
        #expect(plan.condition("Failed") == nil)
        #expect(plan.podsToDelete.count == 1)
        #expect(plan.status["active"] == nil)
        #expect(plan.status["terminating"] == 1)
    }

    @Test func looksAgainAtItsDeadline() {
        let plan = plan(job(["activeDeadlineSeconds": 5]), [pod("a", "Running")], at: start + .seconds(1))
        #expect(plan.next == start + .seconds(5))
        #expect(plan.podsToDelete.isEmpty)
    }

    @Test func aSuspendedJobHasNoPods() {
        let suspended = plan(job(["suspend": true]), [pod("a", "Running")])
        #expect(suspended.podsToDelete.count == 1)
        #expect(suspended.condition("Suspended")?["status"] == "True")
        #expect(suspended.status["startTime"] == nil)
        let resumed = plan(job(["suspend": false], status: suspended.status), [], at: start + .seconds(9))
        #expect(resumed.condition("Suspended")?["reason"] == "JobResumed")
        #expect(resumed.status["startTime"]?.string == (start + .seconds(9)).text)
        #expect(resumed.podsToCreate == 1)
    }

    @Test func countsPodsThatAreGone() {
        let before = job(["backoffLimit": 3], status: ["failed": 2, "startTime": .string(start.text)])
        let pods = JobPods(before, [], tally: nil)
        #expect(pods.failed == 2)
        #expect(JobPods(before, [pod("c", "Failed")], tally: pods.tally).failed == 3)
    }

    @Test func restartsOfContainersCountWhereTheyAreStartedAgain() {
        var spec: JSON = ["backoffLimit": 2]
        spec["template"] = ["spec": ["restartPolicy": "OnFailure"]]
        #expect(plan(job(spec), [pod("a", "Running", restarts: 1)]).condition("FailureTarget") == nil)
        #expect(plan(job(spec), [pod("a", "Running", restarts: 2)]).condition("FailureTarget") != nil)
    }

    @Test func goesWhenItsTimeAfterTheEndIsOver() {
        let done = plan(job(["ttlSecondsAfterFinished": 60]), [pod("a", "Succeeded")])
        let finished = job(["ttlSecondsAfterFinished": 60], status: done.status)
        #expect(plan(finished, [], at: start + .seconds(59)).next == start + .seconds(60))
        #expect(!plan(finished, [], at: start + .seconds(59)).isExpired)
        #expect(plan(finished, [], at: start + .seconds(60)).isExpired)
    }
}

@Suite struct CrashBackoffTests {
    @Test func growsUpToFiveMinutesAndIsForgotten() {
        var backoff = CrashBackoff()
        let delays = (0..<8).map { _ in backoff.delay(afterRunning: .seconds(1)).components.seconds }
        #expect(delays == [0, 10, 20, 40, 80, 160, 300, 300])
        #expect(backoff.delay(afterRunning: .seconds(600)) == .zero)
    }
}

@Suite struct VariableExpansionTests {
    @Test(
        arguments: [
            ("$(A)", "1"), ("x$(A)y$(B)", "x1y2"), ("$$(A)", "$(A)"), ("$(C)", "$(C)"), ("$A", "$A"), ("$(A", "$(A"),
            ("$", "$"), ("$$$(A)", "$1"), ("", ""),
        ] as [(String, String)])
    func replacesWhatIsKnown(_ text: String, _ expanded: String) {
        #expect(VariableExpansion.expand(text, ["A": "1", "B": "2"]) == expanded)
    }
}

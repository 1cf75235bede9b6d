using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Widgets;

namespace Fibril.Tests.Unit.Dashboard;

public sealed class FindingGroupTests
{
    [Fact]
    public void The_same_finding_of_several_partitions_is_told_once() =>
        Assert.Equal("0, 2", Assert.Single(FindingGroup.Of([Of("orders waits", 2), Of("orders waits", 0)], areOfOneQueue: false)).Where);

    [Fact] // on the page of a client
    public void Findings_of_two_queues_are_told_apart() =>
        Assert.Equal(["orders waits", "jobs waits"], FindingGroup.Of([Of("orders waits", 0), Of("jobs waits", 0)], areOfOneQueue: false).Select(static group => group.Text));

    private static Finding Of(string text, int partition) => new("no_credit", Severity.Warning, text, null, [partition], null);
}

using System.Text.Json;
using Fibril.Client;
using Fibril.Testing;
using Fibril.Tests.Support;

namespace Fibril.Tests.Unit.Admin;

/// <summary>Damaged partitions, as operators see and repair them (admin-api 15).</summary>
public sealed class QuarantineRouteTests
{
    [Theory] // S-46, S-47
    [InlineData("queue")]
    [InlineData("stream")]
    public async Task A_damaged_partition_is_shown_with_exactly_what_cannot_be_read_and_serves_again_after_a_repair(string kind)
    {
        (FibrilTestBroker broker, string file, long badAt) = await DamagedBroker.StartAsync(kind);
        await using AdminHarness admin = await AdminHarness.StartAsync(broker);
        await using FibrilClient client = await admin.ConnectAsync();
        Fibril.Client.Publisher publisher = client.CreatePublisher("orders");
        await Assert.ThrowsAnyAsync<FibrilException>(() => Patience.Wait(publisher.PublishAsync("refused"u8)));

        ApiResponse answer = await admin.GetAsync("/admin/api/quarantine");
        JsonElement parked = Assert.Single(answer["quarantined"].EnumerateArray());
        Assert.Equal((kind, "orders", 0), (parked.GetProperty("kind").GetString(), parked.GetProperty("topic").GetString(), parked.GetProperty("partition").GetInt32()));
        Assert.Equal(file, parked.GetProperty("file").GetString());
        Assert.InRange(badAt, parked.GetProperty("first_bad_byte").GetInt64(), parked.GetProperty("end_byte").GetInt64() - 1);
        Assert.Equal(
            (1, 2, 1), (parked.GetProperty("first_bad_offset").GetInt64(), parked.GetProperty("end_offset").GetInt64(), parked.GetProperty("records_to_drop").GetInt64()));
        Assert.Equal(["quarantined:orders/0"], await admin.AttentionAsync());

        ApiResponse repaired = await admin.PostAsync("/admin/api/quarantine/repair?topic=orders");
        Assert.Equal((200, true), (repaired.Status, repaired["repaired"].GetBoolean()));
        Assert.Equal(1, Assert.Single(repaired["steps"].EnumerateArray()).GetProperty("lost_records").GetInt64());
        Assert.Empty((await admin.GetAsync("/admin/api/quarantine"))["quarantined"].EnumerateArray());
        JsonElement noted = Assert.Single((await admin.GetAsync("/admin/api/audit?kind=partition_repaired"))["entries"].EnumerateArray());
        Assert.Equal("critical", noted.GetProperty("severity").GetString());
        Assert.Equal(3, await Patience.Wait(publisher.PublishAsync("fourth"u8))); // S-2: the lost offset stays taken
    }

    [Fact] // S-47
    public async Task A_repair_that_the_disk_does_not_let_through_says_so_and_can_be_made_again()
    {
        (FibrilTestBroker broker, _, _) = await DamagedBroker.StartAsync("queue");
        await using AdminHarness admin = await AdminHarness.StartAsync(broker);
        await Assert.ThrowsAnyAsync<Exception>(async () => await admin.Core.Queues.GetAsync(new(new("orders", null), 0)));
        broker.Disk.IsFailing = true;
        Assert.Equal((400, "repair_failed"), await QueueRouteTests.CodeOf(admin.PostAsync("/admin/api/quarantine/repair?topic=orders")));
        Assert.Single((await admin.GetAsync("/admin/api/quarantine"))["quarantined"].EnumerateArray());
        broker.Disk.IsFailing = false;
        Assert.Equal(200, (await admin.PostAsync("/admin/api/quarantine/repair?topic=orders")).Status);
    }
}

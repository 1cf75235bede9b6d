using Fibril.Broker.Security.Users;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>What a user with rules may do on the broker; one without may do everything .</summary>
public class PermissionTests
{
    private const string Name = "ann";
    private const string Password = "a long password";

    [Fact]
    public async Task A_user_without_rules_may_use_every_channel()
    {
        await using SessionHarness broker = await StartAsync();
        RawPeer peer = await LoginAsync(broker);
        await peer.DeclareAsync();
        await peer.PublishAsync(new TestPublish { Text = "a" });
        await peer.SubscribeAsync();
        Assert.Equal("a", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task What_no_rule_allows_is_refused_naming_what_is_missing_and_the_connection_stays()
    {
        await using SessionHarness broker = await StartAsync(new TopicRule("mine.*", TopicOperations.All));
        RawPeer peer = await LoginAsync(broker);
        AssertDenied("publish", await peer.ExpectRefusedAsync(new TestPublish(), ErrorCode.Unauthenticated));
        AssertDenied("consume", await peer.ExpectRefusedAsync(RawPeer.Subscription(), ErrorCode.Unauthenticated));
        AssertDenied("manage", await peer.ExpectRefusedAsync(new DeclareQueueMessage("orders", null, null, null, null, null), ErrorCode.Unauthenticated));
        AssertDenied("manage", await peer.ExpectRefusedAsync(
            new DeclarePlexusMessage("orders", null, Durability.Durable, default, null), ErrorCode.Unauthenticated));
        AssertDenied("consume", await peer.ExpectRefusedAsync(RawPeer.StreamSubscription("orders"), ErrorCode.Unauthenticated));
        Assert.Empty(broker.Catalogue.Entries);

        await peer.DeclareAsync("mine.too");
        await peer.PublishAsync(new TestPublish("mine.too") { Text = "a" });
        await peer.SubscribeAsync("mine.too");
        Assert.Equal("a", (await peer.ExpectDeliveryAsync()).Text);
        await peer.DeclareStreamAsync("mine.log");
        await peer.PublishAsync(new TestPublish("mine.log"));
        await peer.SubscribeStreamAsync("mine.log");
    }

    [Theory]
    [InlineData((int)TopicOperations.Publish)]
    [InlineData((int)TopicOperations.Consume)]
    [InlineData((int)TopicOperations.Manage)]
    public async Task Each_operation_is_allowed_by_itself(int operation)
    {
        var allowed = (TopicOperations)operation;
        await using SessionHarness broker = await StartAsync(new TopicRule("orders", allowed), new TopicRule("ticks", allowed));
        RawPeer owner = await broker.LogInAsync();
        await owner.DeclareStreamAsync("ticks");
        RawPeer peer = await LoginAsync(broker);
        if (allowed == TopicOperations.Publish) await peer.PublishAsync(new TestPublish());
        else await peer.ExpectRefusedAsync(new TestPublish(), ErrorCode.Unauthenticated);
        if (allowed == TopicOperations.Manage) await peer.DeclareAsync();
        else await peer.ExpectRefusedAsync(new DeclareQueueMessage("orders", null, null, null, null, null), ErrorCode.Unauthenticated);
        if (allowed == TopicOperations.Consume) await peer.SubscribeAsync();
        else await peer.ExpectRefusedAsync(RawPeer.Subscription(), ErrorCode.Unauthenticated);
        if (allowed == TopicOperations.Consume) await peer.SubscribeStreamAsync("ticks");
        else await peer.ExpectRefusedAsync(RawPeer.StreamSubscription("ticks"), ErrorCode.Unauthenticated);
    }

    [Fact] // an error that nobody waits for ends the connection
    public async Task A_publish_without_a_confirm_that_is_denied_is_dropped_and_logged()
    {
        await using SessionHarness broker = await StartAsync(new TopicRule("mine", TopicOperations.All));
        RawPeer peer = await LoginAsync(broker);
        await peer.SendRawAsync(new TestPublish { Confirm = false }.ToFrame(peer.NewId()));
        await peer.PingAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
        Assert.Contains("lacks the permission 'publish'", broker.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Publishes_that_are_denied_take_a_line_of_the_log_a_second_and_no_lookup_each()
    {
        await using SessionHarness broker = await StartAsync(SessionHarness.WithoutPushes(), new TopicRule("mine", TopicOperations.All));
        RawPeer peer = await LoginAsync(broker);
        for (int i = 0; i < 10; i++) await peer.SendRawAsync(new TestPublish { Confirm = false }.ToFrame(peer.NewId()));
        await peer.PingAsync();
        Assert.Equal(1, LinesOfLost(broker).Sum());
        broker.Advance(TimeSpan.FromSeconds(1));
        await peer.PingAsync();
        Assert.Equal([1, 9], LinesOfLost(broker));

        await peer.SendRawAsync(new TestPublish { Confirm = false }.ToFrame(peer.NewId()));
        await peer.PingAsync();
        AssertDenied("publish", await peer.ExpectRefusedAsync(new TestPublish(), ErrorCode.Unauthenticated));
        await broker.Users.SetRulesAsync(Name, []);
        await peer.PublishAsync(new TestPublish());
        await peer.CloseAsync();
        Assert.Equal([1, 9, 1], LinesOfLost(broker));
    }

    private static IEnumerable<int> LinesOfLost(SessionHarness broker) => broker.Log.Lines.Where(static line => line.Event == 2207)
        .Select(static line => int.Parse(line.Text.Split(" lost ")[1].Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture));

    [Fact] // dead letters are publishes by another way
    public async Task A_queue_can_send_its_dead_letters_only_where_its_user_may_publish()
    {
        await using SessionHarness broker = await StartAsync(
            new TopicRule("mine", TopicOperations.All), new TopicRule("graves", TopicOperations.Publish));
        RawPeer peer = await LoginAsync(broker);
        string text = await peer.ExpectRefusedAsync(
            new DeclareQueueMessage("mine", null, DeadLetterPolicy.Custom("orders", null), null, null, null), ErrorCode.Unauthenticated);
        AssertDenied("publish", text);
        await peer.DeclareAsync("mine", policy: DeadLetterPolicy.Custom("graves", null));
    }

    [Fact]
    public async Task A_user_sees_the_channels_that_the_rules_allow_anything_with()
    {
        await using SessionHarness broker = await StartAsync(
            new TopicRule("a", TopicOperations.Publish), new TopicRule("b", TopicOperations.Consume), new TopicRule("c", TopicOperations.Manage));
        RawPeer everything = await broker.ConnectAsync();
        foreach (string topic in (string[])["a", "b", "hidden"]) await everything.DeclareAsync(topic);
        await everything.DeclareStreamAsync("c");
        await everything.DeclareStreamAsync("veiled");
        Assert.Equal(3, (await everything.TopologyAsync()).Queues.Count);

        RawPeer peer = await LoginAsync(broker);
        TopologySnapshot seen = await peer.TopologyAsync();
        Assert.Equal(["a", "b"], seen.Queues.Select(static route => route.Topic).Order());
        Assert.Equal(["c"], seen.Streams.Select(static route => route.Topic));
        Assert.Empty((await peer.TopologyAsync("hidden")).Queues);
        Assert.Empty((await peer.TopologyAsync("veiled")).Streams);

        await everything.DeclareAsync("hidden.too");
        broker.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(2, (await peer.ExpectPushAsync<TopologyUpdateMessage>()).Snapshot.Queues.Count);
    }

    [Theory]
    [InlineData(ReconcilePolicy.Conservative, CloseReason.ServerMissing)]
    [InlineData(ReconcilePolicy.Restore, CloseReason.ServerRestoreFailed)]
    public async Task A_reconciliation_brings_back_no_subscription_that_is_not_allowed(ReconcilePolicy policy, CloseReason expected)
    {
        await using SessionHarness broker = await StartAsync(new TopicRule("mine", TopicOperations.All));
        RawPeer peer = await LoginAsync(broker);
        ReconcileVerdict verdict = Assert.Single(await peer.ReconcileAsync(
            policy, new SubscriptionDescriptor(1, "orders", 0, null, AutoAck: false, Prefetch: 1, null, null, null)));
        Assert.Equal((ReconcileAction.CloseClientSide, expected), (verdict.Action, verdict.Code));
    }

    [Fact]
    public async Task A_change_of_rules_is_in_effect_for_the_next_frame_of_an_open_connection()
    {
        await using SessionHarness broker = await StartAsync();
        RawPeer peer = await LoginAsync(broker);
        await peer.PublishAsync(new TestPublish());
        await broker.Users.SetRulesAsync(Name, [new("orders", TopicOperations.Consume)]);
        await peer.ExpectRefusedAsync(new TestPublish(), ErrorCode.Unauthenticated);
        await broker.Users.SetRulesAsync(Name, [new("orders", TopicOperations.Publish)]);
        await peer.PublishAsync(new TestPublish());
        await peer.ExpectRefusedAsync(RawPeer.Subscription(), ErrorCode.Unauthenticated);
        await broker.Users.SetRulesAsync(Name, []);
        await peer.SubscribeAsync();
    }

    [Fact]
    public async Task A_consumer_that_only_listens_loses_what_it_may_not_consume_any_more()
    {
        await using SessionHarness broker = await StartAsync(SessionHarness.WithoutPushes());
        RawPeer peer = await LoginAsync(broker);
        await peer.DeclareStreamAsync();
        SubscribeOkMessage queue = await peer.SubscribeAsync(), stream = await peer.SubscribeStreamAsync();
        await peer.SubscribeAsync("mine");
        await broker.Users.SetRulesAsync(Name, [new("mine", TopicOperations.Consume)]);
        broker.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(queue.SubscriptionId, (await peer.ExpectPushAsync<SubscriptionClosedMessage>()).SubscriptionId);
        Assert.Equal(stream.SubscriptionId, (await peer.ExpectPushAsync<SubscriptionClosedMessage>()).SubscriptionId);

        RawPeer other = await broker.ConnectAsync();
        await other.PublishAsync(new TestPublish { Text = "secret" });
        await other.PublishAsync(new TestPublish("mine") { Text = "open" });
        Assert.Equal("open", (await peer.ExpectDeliveryAsync()).Text);
    }

    [Fact]
    public async Task A_removed_user_is_told_and_disconnected()
    {
        await using SessionHarness broker = await StartAsync();
        RawPeer busy = await LoginAsync(broker), idle = await LoginAsync(broker), other = await broker.ConnectAsync();
        await broker.Users.RemoveAsync(Name);
        await busy.SendRawAsync(new TestPublish().ToFrame(busy.NewId()));
        Assert.Contains("was removed", await busy.ExpectErrorAsync(0, ErrorCode.Unauthenticated), StringComparison.Ordinal);
        await busy.ExpectClosedAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);

        broker.Advance(TimeSpan.FromSeconds(1));
        await idle.ExpectErrorAsync(0, ErrorCode.Unauthenticated);
        await idle.ExpectClosedAsync();
        await other.PublishAsync(new TestPublish());
    }

    [Fact] // the new password is for new connections
    public async Task A_new_password_leaves_open_connections_alone()
    {
        await using SessionHarness broker = await StartAsync();
        RawPeer peer = await LoginAsync(broker);
        await broker.Users.SetPasswordAsync(Name, "another password", TestContext.Current.CancellationToken);
        broker.Advance(TimeSpan.FromSeconds(1));
        await peer.PublishAsync(new TestPublish());
        RawPeer later = broker.Accept();
        await later.HelloAsync();
        await later.SendAsync(2, new AuthMessage(Name, Password));
        await later.ExpectErrorAsync(2, ErrorCode.Unauthenticated, OpCode.AuthErr);
    }

    private static void AssertDenied(string permission, string text)
    {
        Assert.Contains($"'{permission}'", text, StringComparison.Ordinal);
        Assert.Contains("'orders'", text, StringComparison.Ordinal);
        Assert.Contains($"'{Name}'", text, StringComparison.Ordinal);
    }

    private static Task<SessionHarness> StartAsync(params TopicRule[] rules) => StartAsync(new SessionHarness(), rules);

    private static async Task<SessionHarness> StartAsync(SessionHarness broker, params TopicRule[] rules)
    {
        await broker.Users.SetPasswordAsync(Name, Password);
        await broker.Users.SetRulesAsync(Name, rules);
        return broker;
    }

    private static Task<RawPeer> LoginAsync(SessionHarness broker) => broker.LogInAsync(Name, Password, from: SessionHarness.Remote);
}

using System.Net;
using Fibril.Broker.Security.Logins;
using Fibril.Broker.Sessions;
using Fibril.Protocol;
using Fibril.Tests.Support;

namespace Fibril.Tests.Protocol.Sessions;

/// <summary>AUTH: AUT-1 to AUT-5, X-8 and X-24.</summary>
public class AuthenticationTests
{
    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.8.8.8")]
    [InlineData("::1")]
    [InlineData("::ffff:127.0.0.1")]
    public async Task Built_in_pair_works_from_this_machine(string address) // AUT-4
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.LogInAsync(from: IPAddress.Parse(address));
        await peer.ExpectSilenceAsync();
    }

    [Theory]
    [InlineData("203.0.113.7")]
    [InlineData("10.0.0.1")]
    [InlineData("2001:db8::1")]
    [InlineData("::ffff:192.0.2.1")]
    public async Task Built_in_pair_is_refused_from_elsewhere_with_the_way_out(string address) // A-1, AUT-4, 6.4
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept(IPAddress.Parse(address));
        await peer.HelloAsync();
        string text = await ExpectRefusedAsync(peer, "fibril", "fibril");
        Assert.Contains("this machine only", text, StringComparison.Ordinal);
        Assert.Contains("auth.seed_users", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Built_in_pair_can_be_switched_off() // A-1, AUT-4
    {
        await using var broker = new SessionHarness(auth: new AuthOptions { AllowDefaultLoopback = false });
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await ExpectRefusedAsync(peer, "fibril", "fibril");
    }

    [Fact]
    public async Task A_real_user_of_the_same_name_replaces_the_built_in_pair() // A-2, AUT-4
    {
        await using SessionHarness broker = WithUsers(("fibril", "own-secret"));
        RawPeer before = broker.Accept();
        await before.HelloAsync();
        await ExpectRefusedAsync(before, "fibril", "fibril");

        RawPeer after = await broker.LogInAsync("fibril", "own-secret", from: SessionHarness.Remote);
    }

    [Theory]
    [InlineData("billing")]
    [InlineData("  billing\t")]
    public async Task A_configured_user_works_from_anywhere_and_its_name_is_trimmed(string userName) // AUT-3
    {
        await using SessionHarness broker = WithUsers(("billing", "pä55"));
        RawPeer peer = await broker.LogInAsync(userName, "pä55", from: SessionHarness.Remote);
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish()));
    }

    [Theory] // O-10
    [InlineData("billing", "pä55 ")]
    [InlineData("billing", "PÄ55")]
    [InlineData("billing", "")]
    [InlineData("Billing", "pä55")]
    [InlineData("nobody", "pä55")]
    [InlineData("", "")]
    [InlineData("fibril", "wrong")]
    [InlineData("fibril", "Fibril")]
    [InlineData("@billing", "pä55")]
    [InlineData("@node-1", "fibril")]
    public async Task Wrong_credentials_get_auth_err_401_and_nothing_that_tells_whether_the_user_exists(string userName, string password) // V-7, AUT-2, 6.4
    {
        await using SessionHarness broker = WithUsers(("billing", "pä55"));
        RawPeer reference = broker.Accept();
        await reference.HelloAsync();
        string expected = await ExpectRefusedAsync(reference, "certainly-unknown", "x");

        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        Assert.Equal(expected, await ExpectRefusedAsync(peer, userName, password));
    }

    [Fact]
    public async Task The_default_user_name_is_no_sign_of_existence_from_elsewhere_either() // 6.4
    {
        await using var broker = new SessionHarness();
        RawPeer known = broker.Accept(SessionHarness.Remote);
        await known.HelloAsync();
        RawPeer unknown = broker.Accept(SessionHarness.Remote);
        await unknown.HelloAsync();
        Assert.Equal(await ExpectRefusedAsync(unknown, "nobody", "x"), await ExpectRefusedAsync(known, "fibril", "x"));
    }

    [Fact]
    public async Task What_follows_a_refused_auth_is_not_carried_out()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.SendRawAsync((byte[])
        [
            .. FrameBytes.Of(2, new AuthMessage("fibril", "wrong")),
            .. FrameBytes.Of(3, new AuthMessage("fibril", "fibril")),
            .. new TestPublish().ToFrame(4),
        ]);
        await peer.ExpectErrorAsync(2, ErrorCode.Unauthenticated, OpCode.AuthErr);
        await peer.ExpectClosedAsync();
        Assert.Equal(0, broker.Queues.Catalogue.Count);
    }

    [Theory]
    [InlineData("fibril", "fibril")]
    [InlineData("fibril", "wrong")]
    public async Task A_second_auth_gets_auth_err_401_and_the_connection_stays(string userName, string password) // 6.3, V-7
    {
        await using var broker = new SessionHarness();
        RawPeer peer = await broker.ConnectAsync();
        await peer.SendAsync(9, new AuthMessage(userName, password));
        await peer.ExpectErrorAsync(9, ErrorCode.Unauthenticated, OpCode.AuthErr);
        await peer.ExpectSilenceAsync();
        Assert.Equal(0UL, await peer.PublishAsync(new TestPublish()));
    }

    [Fact]
    public async Task A_malformed_auth_gets_error_400_and_can_be_repeated() // 1.7
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.SendFrameAsync(OpCode.Auth, 2, Hex.Bytes("46415531000000026162000000026162ff"));
        await peer.ExpectErrorAsync(2, ErrorCode.Invalid);
        await peer.AuthAsync();
        await peer.ExpectSilenceAsync();
    }

    [Fact]
    public async Task Every_connection_logs_in_for_itself_also_one_that_offers_to_resume() // AUT-1, X-8
    {
        await using var broker = new SessionHarness();
        RawPeer first = broker.Accept();
        ResumeIdentity identity = (await first.HelloAsync()).Identity;
        await first.AuthAsync();

        RawPeer second = broker.Accept();
        await second.HelloAsync(identity);
        await second.AuthAsync();
        await second.ExpectSilenceAsync();

        RawPeer third = broker.Accept();
        await third.HelloAsync(identity);
        await third.SendRawAsync(new TestPublish().ToFrame(3));
        await third.ExpectErrorAsync(3, ErrorCode.Unauthenticated);
        await third.ExpectClosedAsync();
    }

    [Theory]
    [InlineData(OpCode.Publish)]
    [InlineData(OpCode.Subscribe)]
    [InlineData(OpCode.Ack)]
    [InlineData(OpCode.TopologyUpdateAck)]
    [InlineData(OpCode.ReconcileClient)]
    [InlineData(OpCode.DeclareQueue)]
    [InlineData(OpCode.Hello)]
    [InlineData((OpCode)80)]
    [InlineData((OpCode)9999)]
    public async Task Any_other_operation_before_login_gets_error_401_and_the_connection_closes(OpCode opCode) // 1.7, V-7
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.HelloAsync();
        await peer.SendFrameAsync(opCode, 8, 1, 2, 3);
        await peer.ExpectErrorAsync(8, ErrorCode.Unauthenticated);
        await peer.ExpectClosedAsync();
    }

    [Fact]
    public async Task Passwords_do_not_reach_the_log()
    {
        await using SessionHarness broker = WithUsers(("billing", "hunter2-right"));
        RawPeer good = await broker.LogInAsync("billing", "hunter2-right");
        RawPeer bad = broker.Accept();
        await bad.HelloAsync();
        await ExpectRefusedAsync(bad, "billing", "hunter2-wrong");

        Assert.Contains("billing", broker.Log.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("hunter2", broker.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Client_text_cannot_forge_lines_of_the_log()
    {
        await using var broker = new SessionHarness();
        RawPeer peer = broker.Accept();
        await peer.SendAsync(1, new HelloMessage("x\r\nInformation forged", "\n1", 1, null));
        await peer.ExpectAsync<HelloOkMessage>(1);
        await ExpectRefusedAsync(peer, "u\nInformation forged", "x");

        RawPeer second = broker.Accept();
        await second.SendAsync(1, new HelloMessage("x\r\nInformation forged", "\n1", 1, null));
        await second.ExpectAsync<HelloOkMessage>(1);
        await second.AuthAsync(userName: "\r\nfibril\n");
        Assert.All(broker.Log.Lines, static line => Assert.DoesNotContain(line.Text, char.IsControl));
        Assert.DoesNotContain("\nInformation forged", broker.Log.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_user_that_is_added_can_log_in_at_once_and_replaces_the_built_in_pair()
    {
        await using var broker = new SessionHarness();
        RawPeer before = await broker.ConnectAsync();
        await broker.Users.SetPasswordAsync("fibril", "own-secret", TestContext.Current.CancellationToken);
        RawPeer builtIn = broker.Accept();
        await builtIn.HelloAsync();
        await ExpectRefusedAsync(builtIn, "fibril", "fibril");
        RawPeer stored = await broker.LogInAsync("fibril", "own-secret", from: SessionHarness.Remote);
        await before.PublishAsync(new TestPublish());
    }

    [Fact]
    public async Task A_node_logs_in_with_the_cluster_secret_and_does_nothing_that_clients_do()
    {
        await using var broker = new SessionHarness(auth: new AuthOptions { ClusterSecret = "shared" });
        RawPeer node = await broker.LogInAsync("@node", "shared", from: SessionHarness.Remote);
        Assert.Contains("A node replicates", await node.ExpectRefusedAsync(new TestPublish(), ErrorCode.Unauthenticated), StringComparison.Ordinal);
        await broker.Users.SetPasswordAsync("ann", "x", TestContext.Current.CancellationToken);
        broker.Advance(TimeSpan.FromSeconds(1));
        await node.ExpectRefusedAsync(RawPeer.Subscription(), ErrorCode.Unauthenticated);

        foreach (string other in (string[])["other", "", "share"])
        {
            RawPeer wrong = broker.Accept();
            await wrong.HelloAsync();
            Assert.Contains("cluster secret", await ExpectRefusedAsync(wrong, "@node", other), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_node_is_told_what_to_do_when_the_broker_has_no_secret()
    {
        await using var broker = new SessionHarness();
        RawPeer node = broker.Accept();
        await node.HelloAsync();
        Assert.Contains("FIBRIL_CLUSTER_SECRET", await ExpectRefusedAsync(node, "@node", ""), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Guessing_gets_slower_for_the_address_that_guesses_and_for_no_other()
    {
        // Time passes while passwords are looked at, which takes as long as it takes.
        var auth = new AuthOptions { Users = [new ConfiguredUser("billing", "pä55")] };
        await using var broker = new SessionHarness(static options => options.HandshakeTimeout = TimeSpan.FromMinutes(5), auth);
        for (int i = 0; i < 5; i++) await GuessAsync(broker);
        Task<string>[] guesses = [.. Enumerable.Range(0, 25).Select(_ => GuessAsync(broker))];
        string first = await await Task.WhenAny(guesses); // without time passing only those are answered that are not looked at
        Assert.Contains("Too many logins", first, StringComparison.Ordinal);

        RawPeer other = await broker.LogInAsync("billing", "pä55", from: System.Net.IPAddress.Parse("203.0.113.8"));

        // Who has logged in lately does not guess.
        RawPeer neighbour = await broker.LogInAsync("billing", "pä55", from: SessionHarness.Remote);

        Task<string[]> all = Task.WhenAll(guesses);
        while (!all.IsCompleted)
        {
            await Task.WhenAny(all, Task.Delay(TimeSpan.FromMilliseconds(20), TestContext.Current.CancellationToken));
            broker.Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.Equal(5, guesses.Count(static guess => guess.Result.Contains("Too many logins", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_login_that_waits_ends_with_its_connection()
    {
        var auth = new AuthOptions { Users = [new ConfiguredUser("billing", "pä55")] };
        await using var broker = new SessionHarness(static options => options.HandshakeTimeout = TimeSpan.FromMinutes(5), auth);
        for (int i = 0; i < 5; i++) await GuessAsync(broker);
        RawPeer peer = broker.Accept(SessionHarness.Remote);
        await peer.HelloAsync();
        await peer.SendAsync(2, new AuthMessage("billing", "a guess"));
        await peer.WhenReceivedByBrokerAsync();
        peer.CloseSending();
        await peer.ExpectDroppedAsync(); // no time passes
    }

    [Fact] // ERR-1: nobody has looked at the credentials, so a client may try again
    public async Task A_login_for_which_its_network_has_no_place_left_gets_auth_err_500_and_others_get_in()
    {
        await using SessionHarness broker = WithUsers(("billing", "pä55"), ("shipping", "pä55"));
        LoginPlaces places = broker.Environment.Authenticator.Places;
        Task<IDisposable?>[] present = [.. Enumerable.Range(0, LoginPlaces.PlacesPerNetwork + LoginPlaces.MostWaitingPerNetwork)
            .Select(_ => places.EnterAsync(SessionHarness.Remote, CancellationToken.None).AsTask())];
        await ExpectTooManyAsync(broker.Accept(SessionHarness.Remote));

        RawPeer neighbour = await broker.LogInAsync("shipping", "pä55", from: IPAddress.Parse("203.0.113.8"));

        foreach (Task<IDisposable?> place in present) (await Patience.Wait(place))!.Dispose();
        await broker.LogInAsync("billing", "pä55", from: SessionHarness.Remote);
    }

    [Fact] // ERR-1
    public async Task A_login_whose_password_has_to_wait_behind_too_many_others_gets_auth_err_500_and_is_no_guess()
    {
        await using SessionHarness broker = WithUsers(("billing", "pä55"));
        using var mayEnd = new ManualResetEventSlim();
        List<Task<bool>> others = [HoldAsync()];
        while (!others[^1].IsFaulted) others.Add(HoldAsync());
        for (int i = 0; i < 10; i++) await ExpectTooManyAsync(broker.Accept(SessionHarness.Remote)); // so many failures would slow it down

        mayEnd.Set();
        await Patience.Wait(Task.WhenAll(others[..^1]));
        await broker.LogInAsync("billing", "pä55", from: SessionHarness.Remote); // no time passes

        Task<bool> HoldAsync() => broker.Users.RoomOfClients.WorkAsync(() => mayEnd.Wait(Patience.Limit), CancellationToken.None);
    }

    private static async Task ExpectTooManyAsync(RawPeer peer)
    {
        await peer.HelloAsync();
        await peer.SendAsync(2, new AuthMessage("billing", "pä55"));
        string text = await peer.ExpectErrorAsync(2, ErrorCode.ServerFault, OpCode.AuthErr);
        Assert.Contains("too many logins at once", text, StringComparison.Ordinal);
        await peer.ExpectClosedAsync();
    }

    private static async Task<string> GuessAsync(SessionHarness broker)
    {
        RawPeer guesser = broker.Accept(SessionHarness.Remote);
        await guesser.HelloAsync();
        await guesser.SendAsync(2, new AuthMessage("billing", "a guess"));
        return await guesser.ExpectErrorAsync(2, ErrorCode.Unauthenticated, OpCode.AuthErr);
    }

    private static SessionHarness WithUsers(params (string UserName, string Password)[] users)
    {
        var options = new AuthOptions();
        foreach ((string userName, string password) in users) options.Users.Add(new ConfiguredUser(userName, password));
        return new SessionHarness(auth: options);
    }

    private static async Task<string> ExpectRefusedAsync(RawPeer peer, string userName, string password)
    {
        await peer.SendAsync(2, new AuthMessage(userName, password));
        string text = await peer.ExpectErrorAsync(2, ErrorCode.Unauthenticated, OpCode.AuthErr);
        await peer.ExpectClosedAsync();
        return text;
    }
}

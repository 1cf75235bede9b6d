using System.Net;
using Fibril.Broker.Security.Logins;
using Fibril.Tests.Support;
using Microsoft.Extensions.Time.Testing;

namespace Fibril.Tests.Unit.Security;

/// <summary>Guessing passwords gets slower, for the one who guesses.</summary>
public sealed class LoginDamperTests
{
    private static readonly IPAddress Guesser = IPAddress.Parse("203.0.113.7");
    private static readonly IPAddress Other = IPAddress.Parse("203.0.113.8");

    private readonly FakeTimeProvider _time = new(SessionHarness.Start);
    private readonly LoginDamper _damper;

    public LoginDamperTests() => _damper = new LoginDamper(_time);

    [Fact]
    public async Task A_few_failures_cost_nothing()
    {
        Fail(Guesser, 4);
        Assert.True(await WaitAsync(Guesser));
    }

    [Fact]
    public async Task After_them_a_login_waits_and_others_do_not()
    {
        Fail(Guesser, 5);
        Task<bool> waiting = WaitAsync(Guesser);
        Assert.False(waiting.IsCompleted);
        Assert.True(await WaitAsync(Other));
        _time.Advance(TimeSpan.FromMilliseconds(249));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await Patience.Wait(waiting));
    }

    [Fact]
    public async Task Pauses_double_up_to_four_seconds()
    {
        Fail(Guesser, 7);
        _time.Advance(TimeSpan.FromMilliseconds(1000));
        Assert.True(await WaitAsync(Guesser));
        Fail(Guesser, 100);
        Task<bool> waiting = WaitAsync(Guesser);
        _time.Advance(TimeSpan.FromMilliseconds(3999));
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.True(await Patience.Wait(waiting));
    }

    [Fact]
    public async Task Logins_of_one_address_are_looked_at_one_after_the_other_and_too_many_are_refused()
    {
        Fail(Guesser, 6);
        Task<bool> first = WaitAsync(Guesser), second = WaitAsync(Guesser);
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(await Patience.Wait(first));
        Assert.False(second.IsCompleted);
        for (int i = 0; i < 9; i++) _ = WaitAsync(Guesser);
        Assert.False(await Patience.Wait(WaitAsync(Guesser)));
        _time.Advance(TimeSpan.FromMilliseconds(500));
        Assert.True(await Patience.Wait(second));
    }

    [Fact]
    public async Task Failures_are_forgotten_after_a_while()
    {
        Fail(Guesser, 100);
        _time.Advance(TimeSpan.FromMinutes(5) + TimeSpan.FromTicks(1));
        Assert.True(await WaitAsync(Guesser));
        Assert.Equal(0, _damper.AddressCount);
    }

    [Theory] // whoever has one address of the network has all
    [InlineData("2001:db8::1", "2001:db8::ffff:1", false)]
    [InlineData("2001:db8::1", "2001:db8:0:1::1", true)]
    [InlineData("::ffff:203.0.113.7", "203.0.113.7", false)]
    public async Task Addresses_of_one_network_of_ipv6_count_as_one(string guesser, string other, bool isFree)
    {
        Fail(IPAddress.Parse(guesser), 5);
        Task<bool> waiting = WaitAsync(IPAddress.Parse(other));
        Assert.Equal(isFree, waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Patience.Wait(waiting);
    }

    [Fact]
    public async Task What_is_remembered_is_bounded_and_the_latest_is_kept()
    {
        for (int i = 0; i < 5000; i++) Fail(new IPAddress(0x0100000A + ((long)i << 32 >> 32 << 8)), 1);
        Fail(Guesser, 5);
        Assert.InRange(_damper.AddressCount, 1, 4096);
        Task<bool> waiting = WaitAsync(Guesser);
        Assert.False(waiting.IsCompleted);
        _time.Advance(TimeSpan.FromSeconds(1));
        await Patience.Wait(waiting);
    }

    private void Fail(IPAddress address, int times)
    {
        for (int i = 0; i < times; i++) _damper.NoteFailure(address);
    }

    private async Task<bool> WaitAsync(IPAddress address) =>
        await _damper.WaitAsync(address, TestContext.Current.CancellationToken) != LoginTurn.Refused;
}

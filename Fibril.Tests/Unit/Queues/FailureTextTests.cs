using Fibril.Broker.Queues.Failures;

namespace Fibril.Tests.Unit.Queues;

/// <summary>What differs from one error to the next is taken out of its text.</summary>
public sealed class FailureTextTests
{
    [Theory]
    [InlineData("order 17 not found", "order <n> not found")]
    [InlineData("took 1.25 s", "took <n>.<n> s")]
    [InlineData("at Orders.Handle() in Orders.cs:line 42", "at Orders.Handle() in Orders.cs:line <n>")]
    [InlineData("id 0f8fad5b-d9cb-469f-a165-70867728950e is gone", "id <id> is gone")]
    [InlineData("commit 9fceb02d0ae598e9 is unknown", "commit <hex> is unknown")]
    [InlineData("at 0x7ffe12ab", "at <hex>")]
    [InlineData("12345678", "<n>")]
    [InlineData("customer 'Ann O'Hara' is unknown", "customer <text> is unknown")]
    [InlineData("key \"a b\" and `c`", "key <text> and <text>")]
    [InlineData("can't open, won't wait", "can't open, won't wait")]
    [InlineData("an open 'quote", "an open 'quote")]
    [InlineData("a\r\n   b\tc ", "a b c")]
    [InlineData("deadbeef cafe", "deadbeef cafe")]
    [InlineData("utf8 x86 E7", "utf<n> x<n> E<n>")]
    [InlineData("", "")]
    public void What_is_the_same_for_every_message_is_kept(string text, string kept) => Assert.Equal(kept, FailureText.Normalise(text));

    [Fact]
    public void A_long_text_is_cut_where_it_reads_the_same_whatever_was_taken_out()
    {
        string rest = string.Concat(Enumerable.Range(0, 100).Select(static line => $" at line {line} of the stack"));
        string one = FailureText.Normalise("order 1 failed" + rest);
        Assert.Equal(one, FailureText.Normalise("order 1234567890 failed" + rest));
        Assert.Equal(FailureText.MostKept, one.Length);
    }

    [Fact]
    public void However_long_a_text_is_only_its_start_is_looked_at() =>
        Assert.Empty(FailureText.Normalise(new string(' ', FailureText.MostLooked) + "behind"));
}

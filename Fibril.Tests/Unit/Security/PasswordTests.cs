using Fibril.Broker.Security.Passwords;

namespace Fibril.Tests.Unit.Security;

/// <summary>Hashes of passwords: A-3.</summary>
public sealed class PasswordTests
{
    private static readonly Argon2Cost Cheap = new(64, 1);

    private readonly PasswordHasher _hasher = new(Cheap);

    [Fact] // OWASP's least, and what libsodium can do
    public void A_hash_states_how_it_was_made()
    {
        string hash = new PasswordHasher(Argon2Cost.Default).Hash("correct horse");
        Assert.StartsWith("$argon2id$v=19$m=19456,t=2,p=1$", hash, StringComparison.Ordinal);
        Assert.DoesNotContain('=', hash[^43..]);
        Assert.True(PasswordHash.TryParse(hash, out PasswordHash? parsed));
        Assert.Equal(hash, parsed.ToString());
    }

    [Fact] // so that other programs can check it, and it can check theirs
    public void A_hash_of_another_implementation_is_understood() => Assert.True(_hasher.Verify(
        "password", "$argon2id$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$Gpj7qOY5RCXJvcMzqcdQqvgR3wcPX7SleI4c9NtXk6E"));

    [Fact]
    public void Only_the_password_itself_matches_and_no_two_hashes_are_alike()
    {
        string hash = _hasher.Hash("pä55");
        Assert.NotEqual(hash, _hasher.Hash("pä55"));
        Assert.True(_hasher.Verify("pä55", hash));
        Assert.False(_hasher.Verify("pä56", hash));
        Assert.False(_hasher.Verify("pä55 ", hash));
        Assert.False(_hasher.Verify("", hash));
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("pä55")]
    [InlineData("$argon2i$v=19$m=64,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=64,t=2,p=4$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=99999999,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("$argon2id$v=19$m=64,t=2,p=1$c29tZQ$AAAA")]
    public void What_is_no_hash_matches_nothing(string? hash) => Assert.False(_hasher.Verify("pä55", hash));

    [Fact]
    public void A_hash_of_another_cost_is_outdated()
    {
        Assert.False(_hasher.IsOutdated(_hasher.Hash("x")));
        Assert.True(_hasher.IsOutdated(new PasswordHasher(Cheap with { Passes = 2 }).Hash("x")));
    }

    [Fact]
    public void Good_credentials_are_remembered_for_their_hash_only_and_not_for_ever()
    {
        var verified = new VerifiedCredentials();
        verified.Add("hash", "password");
        Assert.True(verified.Contains("hash", "password"));
        Assert.False(verified.Contains("hash", "other"));
        Assert.False(verified.Contains("hush", "password"));

        for (int i = 0; i < 1024; i++) verified.Add("hash", $"{i}");
        Assert.False(verified.Contains("hash", "password"));
        Assert.True(verified.Contains("hash", "1023"));

        verified.Clear();
        Assert.False(verified.Contains("hash", "1023"));
    }
}

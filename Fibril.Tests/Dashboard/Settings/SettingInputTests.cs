using Fibril.Dashboard.Api.Models;
using Fibril.Dashboard.Components.Pages.Settings;

namespace Fibril.Tests.Dashboard.Settings;

public sealed class SettingInputTests
{
    [Theory]
    [InlineData(30_000, "30 s")]
    [InlineData(1500, "1,500 ms")]
    [InlineData(120_000, "2 min")]
    [InlineData(0, "0 ms")]
    public void A_duration_is_written_in_the_largest_unit_that_divides_it(long value, string text) => Assert.Equal(text, SettingUnit.Text(SettingFields.Lease, value));

    [Fact]
    public void Sizes_switches_and_what_is_none_are_written_as_people_say_them()
    {
        Assert.Equal("64 MiB", SettingUnit.Text(SettingFields.Buffer, 64 << 20));
        Assert.Equal("off", SettingUnit.Text(SettingFields.Cleanup, 0));
        Assert.Equal("none", SettingUnit.Text(SettingFields.Target, null));
    }

    [Theory]
    [InlineData("45", "s", 45_000)]
    [InlineData("1.5", "min", 90_000)]
    [InlineData(" 7 ", "ms", 7)]
    public void What_is_typed_counts_in_its_unit(string text, string unit, long value)
    {
        Assert.Null(Read(SettingFields.Lease, text, unit, out long? read));
        Assert.Equal(value, read);
    }

    [Theory]
    [InlineData("", "ms", "is empty")]
    [InlineData("soon", "ms", "is no number")]
    [InlineData("1,5", "s", "is no number")]
    [InlineData("0.5", "ms", "is no whole number of ms")]
    [InlineData("0", "ms", "is out of range")]
    [InlineData("9000", "h", "is out of range")]
    [InlineData("99999999999999999999999", "h", "is no number")]
    public void What_cannot_be_says_what_to_write_instead(string text, string unit, string problem) =>
        Assert.StartsWith(problem, Read(SettingFields.Lease, text, unit, out _));

    [Fact]
    public void Nothing_is_none_where_none_is_a_value()
    {
        Assert.Null(Read(SettingFields.Target, "", "", out long? value));
        Assert.Null(value);
    }

    [Fact]
    public void Another_unit_keeps_the_value()
    {
        SettingUnit minutes = SettingUnit.Of(SettingFields.Lease).Single(static unit => unit.Name == "min");
        Assert.Equal(new SettingInput("0.5", minutes), SettingInput.Of(SettingFields.Lease, 30_000).In(minutes));
        Assert.Equal("soon", new SettingInput("soon", SettingUnit.Of(SettingFields.Lease)[0]).In(minutes).Text);
    }

    private static string? Read(SettingField field, string text, string unit, out long? value) =>
        new SettingInput(text, SettingUnit.Of(field).Single(known => known.Name == unit)).Read(field, out value);
}

using Fibril.Dashboard.Components.Pages.Settings;

namespace Fibril.Tests.Dashboard.Settings;

public sealed class SettingsDraftTests
{
    [Fact] // U-25
    public void A_request_has_the_settings_that_were_changed_and_no_others()
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "45", "s"));
        draft.Set(SettingFields.Cleanup, 0);
        Assert.Equal("""{"expected_version":1,"settings":{"delivery":{"inflight_ttl_ms":45000},"idle":{"enabled":false}}}""", draft.ToRequest().ToJsonString());
    }

    [Fact]
    public void None_is_sent_as_null()
    {
        var draft = new SettingsDraft(SettingFields.Schema, 4, SettingFields.Values((SettingFields.Target, 7)));
        draft.Set(SettingFields.Target, null);
        Assert.Equal("""{"expected_version":4,"settings":{"groups":{"target":null}}}""", draft.ToRequest().ToJsonString());
    }

    [Fact]
    public void What_comes_to_the_value_that_was_seen_is_no_change()
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "45", "s"), (SettingFields.Lease, "0.5", "min"));
        Assert.False(draft.IsTouched);
    }

    [Fact]
    public void What_cannot_be_is_kept_as_typed_and_is_no_change()
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "soon", "s"));
        Assert.Equal(("soon", 0), (draft.InputOf(SettingFields.Lease).Text, draft.Changes.Count));
        Assert.Equal([SettingFields.Lease], draft.Faulty);
        Assert.True(draft.IsTouched);
    }

    [Fact] // U-24
    public void Another_version_leaves_what_was_typed()
    {
        SettingsDraft draft = SettingFields.Draft((SettingFields.Lease, "45", "s"), (SettingFields.Batch, "soon", ""));
        draft.Rebase(2, SettingFields.Values((SettingFields.Lease, 60_000)));
        Assert.Equal(2, draft.Version);
        Assert.Equal(new SettingChange(SettingFields.Lease, 60_000, 45_000), Assert.Single(draft.Changes));
        Assert.Equal("soon", draft.InputOf(SettingFields.Batch).Text);
    }

    [Fact]
    public void Two_versions_are_compared_field_by_field()
    {
        IReadOnlyList<SettingChange> changes = SettingChange.Between(
            SettingFields.Schema, SettingFields.Values(), SettingFields.Values((SettingFields.Lease, 45_000), (SettingFields.Cleanup, 0)));
        Assert.Equal(["30 s to 45 s", "on to off"], changes.Select(static change => $"{change.BeforeText} to {change.AfterText}"));
        Assert.Equal(["for what begins afterwards; what has begun keeps the old value", "at once"], changes.Select(static change => change.Effect));
    }
}

# F4: facts are gathered, cached, and turned into verdicts; ports only, no drivers

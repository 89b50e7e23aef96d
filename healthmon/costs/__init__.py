"""What stays in hospital cost registered poor and assisted persons, and who must bear it.

``stays`` lists them with where the patient was treated, ``entitled`` adds whether a referral
preceded and what is above the cap of KF-3. ``bulletin`` adds them up by two months (QH-4),
``caps`` by hospital and county, ``referrals`` those outside the county; ``form_shares`` holds the
rates that hospitals state against those counted. Numbers are in ``params/caps.yml`` and
``params/costs.yml`` (``terms``).
"""
